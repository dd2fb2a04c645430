import type { Fact, FactKind, Link, LogFact, RefusalReason } from "./fact.ts";
import type { Attributes, Inherited, RecordShape, SpanShape } from "./span.ts";
import type { StateEvent } from "./state.ts";

/** A span or record that would be a fact or a state, and is not valid. */
export interface Refusal {
  refused: RefusalReason;
}

/**
 * What `facts/` makes of spans and records. Pure; never throws; keeps nothing of what it is given. Told apart by their
 * keys: a fact has `kind`, a link `agent`, a state event `event`, a refusal `refused`.
 */
export interface Mapping {
  /** @returns what a span with these attributes is, or undefined where it is no fact. */
  kindOf(attributes: Attributes): Exclude<FactKind, "log"> | undefined;
  /** @returns true where a span with these attributes is an agent's, which ends a nesting (contract §2). */
  isAgent(attributes: Attributes): boolean;
  /** @param inherited what the bot's OTel context says, where the span itself does not */
  span(span: SpanShape, inherited?: Inherited): Fact | Link | Refusal;
  /**
   * @param key identity of the record, 48 lower-case hex digits
   * @returns undefined for a content event, which is nothing
   */
  record(record: RecordShape, key: string, inherited?: Inherited): LogFact | StateEvent | Refusal | undefined;
}
