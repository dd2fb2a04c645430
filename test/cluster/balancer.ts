import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Gives each request to the next instance, and where that one is dead, to the one after it. */
export interface Balancer {
  url: string;
  stop(): Promise<void>;
}

/** @param urls of the instances that there are now */
export async function startBalancer(urls: () => readonly string[]): Promise<Balancer> {
  let turn = 0;

  async function pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(asked);
    const instances = urls();
    for (let tried = 0; tried < instances.length; tried += 1) {
      turn += 1;
      const given = await passTo(instances[turn % instances.length]!, asked, body).catch(() => undefined);
      if (given === undefined) continue;
      answer.writeHead(given.statusCode!, given.headers);
      given.pipe(answer);
      return;
    }
    answer.writeHead(502).end();
  }

  const server = createServer((asked, answer) => void pass(asked, answer).catch(() => answer.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function passTo(url: string, { method, url: path = "/", headers }: IncomingMessage, body: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { "transfer-encoding": _, ...rest } = headers;
  const passed = request(new URL(path, url), { method, headers: { ...rest, "content-length": body.length } }, resolve);
  passed.on("error", reject);
  passed.end(body);
  return promise;
}
