import type { EgressMethod } from "./policy.ts";
import type { CheckedUrl } from "./url.ts";

/** The request to one hop. */
export interface HopRequest {
  method: EgressMethod;
  headers: Record<string, string>;
  body: Uint8Array | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The only headers sent to another host: none of them identifies or authorizes a caller. */
const HARMLESS = new Set(["accept", "accept-language", "content-type", "user-agent"]);

/** Returns the unchecked target of a redirect, or undefined without one. */
export function redirectTarget(
  status: number,
  location: string | undefined,
  from: CheckedUrl,
): string | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  try {
    return new URL(location, from.href).href;
  } catch {
    return undefined;
  }
}

/**
 * Returns the request for the next hop. A 301, 302 or 303 becomes a GET. Another origin gets no
 * secrets.
 */
export function redirectedRequest(
  status: number,
  request: HopRequest,
  from: CheckedUrl,
  to: CheckedUrl,
): HopRequest {
  const turnsToGet = status <= 303 && request.method !== "GET" && request.method !== "HEAD";
  const sameOrigin = from.origin === to.origin;
  const kept = Object.entries(request.headers).filter(([name]) =>
    (sameOrigin || HARMLESS.has(name)) && !(turnsToGet && name.startsWith("content-"))
  );
  return {
    method: turnsToGet ? "GET" : request.method,
    headers: Object.fromEntries(kept),
    body: turnsToGet ? undefined : request.body,
  };
}
