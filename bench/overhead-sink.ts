// The local sink of `bench overhead`: takes OTLP/HTTP bodies, counts them, forgets them. A process of its own.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let [requests, bytes] = [0, 0];

const server = createServer((request, response) => {
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => {
    requests += 1;
    response.setHeader("content-type", "application/x-protobuf").end();
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("message", () => process.send?.({ requests, bytes }));
process.on("disconnect", () => process.exit());
