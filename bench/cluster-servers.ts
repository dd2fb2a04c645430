import { Agent, request as httpRequest } from "node:http";
import type { Server } from "../test/cluster/clickhouse.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Spans as protobuf. @returns the status of the answer */
export function send(url: string, body: Buffer): Promise<number> {
  const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL("/v1/traces", url), { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** With commas between. */
export async function columnsOf(server: Server, database: string, table: string): Promise<string> {
  const sql = `SELECT name FROM system.columns WHERE database = '${database}' AND table = '${table}'`;
  return (await server.run(sql)).trim().split("\n").join(", ");
}
