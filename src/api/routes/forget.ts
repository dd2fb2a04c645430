import type { Router } from "@koa/router";
import type { Context } from "koa";
import type { OwnerKind } from "../../contract/fact.ts";
import { BotelError } from "../../contract/errors.ts";
import { forgetParameters } from "../../contract/wire/query.ts";
import type { ApiDeps } from "../deps.ts";
import { readQuery } from "../query.ts";

/** The paths by which somebody is forgotten, for the scope `admin` (contract §6). */
export const FORGET_PATHS: readonly { path: string; owner: OwnerKind }[] = [
  { path: "/api/users/{id}", owner: "user" },
  { path: "/api/groups/{id}", owner: "group" },
];

/** `DELETE /api/users/{id}`, `DELETE /api/groups/{id}`: answered when all is gone. */
export function addForget(router: Router, { forget }: ApiDeps): void {
  for (const { path, owner } of FORGET_PATHS) {
    router.delete(path.replace("{id}", ":id"), async (ctx: Context) => {
      if (forget === undefined)
        throw new BotelError("UNAVAILABLE", "The store is being opened; ask again in a second.");
      const { id } = readQuery("", forgetParameters, ctx.params as Record<string, string>);
      ctx.socket.setTimeout(0); // nothing moves on the connection while it works, however long that takes
      const data = await forget({ owner, id });
      ctx.set("Cache-Control", "no-store");
      ctx.type = "json";
      ctx.body = JSON.stringify({ success: true, data });
    });
  }
}
