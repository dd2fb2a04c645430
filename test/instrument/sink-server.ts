import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What one OTLP/JSON request held: the names of its spans, the texts of its log records, the names of its metrics. */
export interface SinkServer {
  url: string;
  port: number;
  spans: string[];
  lines: string[];
  metrics: string[];
  /** Attributes of the last resource, by name. */
  resource: Record<string, unknown>;
  close(): Promise<void>;
}

interface Scopes<Key extends string, Item> {
  scopeSpans?: Record<Key, Item[]>[];
  scopeLogs?: Record<Key, Item[]>[];
  scopeMetrics?: Record<Key, Item[]>[];
  resource: { attributes: { key: string; value: Record<string, unknown> }[] };
}

interface Body {
  resourceSpans?: Scopes<"spans", { name: string }>[];
  resourceLogs?: Scopes<"logRecords", { body: { stringValue: string } }>[];
  resourceMetrics?: Scopes<"metrics", { name: string }>[];
}

/** An OTLP/JSON receiver on a free port of the loopback. */
export async function startSinkServer(): Promise<SinkServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
      take(JSON.parse(text.toString()) as Body);
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sink: SinkServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    spans: [],
    lines: [],
    metrics: [],
    resource: {},
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  function take(body: Body): void {
    for (const one of body.resourceSpans ?? []) {
      sink.resource = Object.fromEntries(
        one.resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
      );
      sink.spans.push(...one.scopeSpans!.flatMap(({ spans }) => spans.map(({ name }) => name)));
    }
    for (const one of body.resourceLogs ?? []) {
      sink.lines.push(...one.scopeLogs!.flatMap(({ logRecords }) => logRecords.map((each) => each.body.stringValue)));
    }
    for (const one of body.resourceMetrics ?? []) {
      sink.metrics.push(...one.scopeMetrics!.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
    }
  }
  return sink;
}
