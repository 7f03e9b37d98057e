import type { EgressMethod } from "./policy.ts";
import { EgressRefused } from "./refusal.ts";
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
    // A location outside ASCII is UTF-8, here as one character a byte.
    const ascii = location.replace(/[\x80-\xff]/g, (byte) => encodeByte(byte));
    return new URL(ascii, from.href).href;
  } catch {
    return undefined;
  }
}

function encodeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * Returns the request for the next hop, as fetch makes it. A POST becomes a GET after a 301 or 302,
 * and every method but HEAD after a 303. Another origin gets no secrets. Throws EgressRefused when
 * `methods` lacks the method of the next hop.
 */
export function redirectedRequest(
  status: number,
  request: HopRequest,
  from: CheckedUrl,
  to: CheckedUrl,
  methods: readonly EgressMethod[],
): HopRequest {
  const turnsToGet = isTurned(status, request.method);
  const method = turnsToGet ? "GET" : request.method;
  if (!methods.includes(method)) {
    throw new EgressRefused("egress_method_not_allowed", `a redirect to ${method} is not allowed`);
  }
  const sameOrigin = from.origin === to.origin;
  const kept = Object.entries(request.headers).filter(([name]) =>
    (sameOrigin || HARMLESS.has(name)) && !(turnsToGet && name.startsWith("content-"))
  );
  return {
    method,
    headers: Object.fromEntries(kept),
    body: turnsToGet ? undefined : request.body,
  };
}

function isTurned(status: number, method: EgressMethod): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}
