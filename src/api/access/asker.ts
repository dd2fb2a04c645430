import type { Context } from "koa";
import { SCOPES, type Scope, type Token } from "../../contract/access.ts";

/** Who a request comes from, once the guard has let it in. */
export interface Asker {
  scopes: readonly Scope[];
  /** undefined: nobody in particular, on loopback without tokens, or at a public path. */
  token?: Token;
  /** A key for what one client may have; undefined where nothing is counted. */
  client?: string;
  /** Whether the client speaks HTTPS, to a proxy that is trusted. */
  https: boolean;
}

const KEY = "asker";

export function setAsker(ctx: Context, asker: Asker): void {
  ctx.state[KEY] = asker;
}

export function askerOf(ctx: Context): Asker {
  return (ctx.state[KEY] as Asker | undefined) ?? { scopes: SCOPES, https: false };
}
