import helmet from "helmet";
import type { Context, Next } from "koa";

/** What the page may load: everything comes from botel itself, and nothing may frame it or take its data. */
const PAGE_POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "connect-src": ["'self'"],
  "img-src": ["'self'", "data:"],
  "font-src": ["'self'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

/** What is no page loads nothing, whatever a browser takes it for. */
const DATA_POLICY = { "default-src": ["'none'"], "frame-ancestors": ["'none'"] };

const page = headersWith(PAGE_POLICY);
const data = headersWith(DATA_POLICY);

/** The headers of every answer, by helmet's rules. */
export async function headers({ req, res }: Context, next: Next): Promise<void> {
  const set = /^\/(?:assets\/|\?|$)/.test(req.url ?? "") ? page : data;
  set(req, res, () => {}); // it only sets headers, and that at once
  await next();
}

function headersWith(directives: Record<string, string[]>) {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    xFrameOptions: { action: "deny" },
    // botel speaks HTTP; whether a whole domain is for HTTPS only is for the proxy in front of it to say.
    strictTransportSecurity: false,
  });
}
