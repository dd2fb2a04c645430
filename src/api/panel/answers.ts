import type {
  PanelChannels,
  PanelMonitor,
  PanelRequest,
  PanelStats,
  PanelToolCall,
  PanelTools,
  PanelUsage,
} from "../../contract/wire/panel.ts";

/** What the panel of the original plug-in asks; the composition gives it. */
export interface PanelAnswers {
  stats(): Promise<PanelStats>;
  usage(): Promise<PanelUsage>;
  requests(query: PanelRequestQuery): PanelRequest[];
  tools(): Promise<PanelTools>;
  toolCalls(query: PanelToolCallQuery): Promise<PanelToolCall[]>;
  monitor(): PanelMonitor;
  channels(): Promise<PanelChannels>;
}

export interface PanelRequestQuery {
  limit: number;
  failed?: boolean;
  /** As `source` in the answers. */
  source?: string;
}

export interface PanelToolCallQuery {
  limit: number;
  toolName?: string;
  failed?: boolean;
  userId?: string;
  groupId?: string;
  /** In the tool's name, its arguments or its error, whatever the case. */
  keyword?: string;
  /** Epoch ms, both included. */
  startTime?: number;
  endTime?: number;
}
