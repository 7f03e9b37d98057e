import type { MiddlewareHandler } from "hono";

const SHARED = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "retry-after, location, ratelimit, ratelimit-policy",
};

const PREFLIGHT = {
  ...SHARED,
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers":
    "authorization, x-client-info, apikey, content-type, x-retry-count, idempotency-key, " +
    "traceparent, tracestate, baggage",
  "access-control-max-age": "600",
};

/** Lets any web page call with its own credentials. No cookies are involved. */
export const cors: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "OPTIONS") return c.body(null, 204, PREFLIGHT);
  await next();
  for (const [name, value] of Object.entries(SHARED)) c.res.headers.set(name, value);
};
