import { parseJson, writeJson } from "../../shared/core/encoding/exact_json.ts";
import { ExactNumber } from "../../shared/core/encoding/exact_number.ts";

// No caller can write it, because it is another one in each process.
const HIDDEN = `\uE000${crypto.randomUUID()} `;
const SHOWN = new RegExp(`"${HIDDEN}([^"]*)"`, "g");

/**
 * Returns JSON whose numbers any parser can hold. The others are hidden in texts, which
 * `showNumbers` turns back. What is no JSON is returned as it is.
 */
export function hideNumbers(json: string): string {
  let isExact = true;
  const hide = (value: unknown): unknown => {
    if (typeof value === "bigint" || value instanceof ExactNumber) {
      isExact = false;
      return `${HIDDEN}${value}`;
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(hide);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hide(member)]));
  };
  try {
    const hidden = writeJson(hide(parseJson(json)));
    return isExact ? json : hidden;
  } catch {
    return json;
  }
}

/** Returns JSON with the numbers that `hideNumbers` has hidden. */
export function showNumbers(json: string): string {
  return json.includes(HIDDEN) ? json.replaceAll(SHOWN, "$1") : json;
}

/** Returns a request without numbers that a parser would round. */
export async function withHiddenNumbers(request: Request): Promise<Request> {
  if (request.body === null) return request;
  const { url, method, headers } = request;
  const body = await request.text();
  return new Request(url, { method, headers, body: hideNumbers(body) });
}

/** Returns a response with the numbers that were hidden. */
export async function withShownNumbers(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const text = showNumbers(await response.text());
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(text, { status: response.status, headers });
}
