import type { HopRequest } from "./redirect.ts";
import type { CheckedUrl } from "./url.ts";

/** Methods that need no length when they have no body. */
const MAY_BE_EMPTY = new Set(["GET", "HEAD", "DELETE"]);

/**
 * Returns the bytes of a request's head. Names and values were checked before, so none holds CR or
 * LF. Each request has its own connection, and asks for no content coding.
 */
export function formatRequestHead(url: CheckedUrl, request: HopRequest): Uint8Array {
  const headers: Record<string, string> = {
    accept: "*/*",
    "user-agent": "JobForge",
    ...request.headers,
    host: url.authority,
    "accept-encoding": "identity",
    connection: "close",
  };
  const length = request.body?.length ?? (MAY_BE_EMPTY.has(request.method) ? undefined : 0);
  if (length !== undefined) headers["content-length"] = String(length);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${request.method} ${url.target} HTTP/1.1\r\n${lines.join("")}\r\n`;
  return new TextEncoder().encode(text);
}
