import { readCapped } from "../../../shared/adapters/http/body.ts";
import type { Bytes } from "../../../shared/core/encoding/bytes.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import type { SignedRequest } from "../../../shared/core/webhook/scheme.ts";
import type { Place } from "./large_bodies.ts";
import { MAX_BODY_BYTES, MAX_INLINE_BYTES, MAX_READ_BYTES } from "./sizes.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UNKNOWN_ID = "00000000-0000-0000-0000-000000000000";
const MEDIA_TYPE =
  /^(?:application\/(?:[\w.-]+\+)?(?:json|xml)|application\/(?:x-www-form-urlencoded|octet-stream)|text\/[\w.+-]+) *(?:;.{0,200})?$/i;

/**
 * Returns the body of a POST within the caps. A large one takes a place. The event of a GET is in
 * its query. What is thrown shows in the delivery log of the sender.
 */
export async function readBytes(
  request: Request,
  place: Place,
  deadline: () => AbortSignal,
): Promise<Bytes> {
  if (request.method === "GET") return new Uint8Array();
  requireMediaType(request.headers.get("content-type"));
  const bounds = { aboveBytes: MAX_INLINE_BYTES, readBytes: MAX_READ_BYTES };
  const large = { ...bounds, onLarge: place.enter, deadline };
  return await readCapped(request, MAX_BODY_BYTES, large).catch((thrown) => {
    if (!(thrown instanceof JobForgeError) || thrown.code !== "payload_too_large") throw thrown;
    const most = `${MAX_BODY_BYTES} bytes (5 MiB)`;
    throw new JobForgeError("payload_too_large", `a webhook must have at most ${most}: send less`);
  });
}

function requireMediaType(contentType: string | null): void {
  if (contentType !== null && MEDIA_TYPE.test(contentType)) return;
  throw new JobForgeError("unsupported_media_type", "the body must be JSON, a form, XML or text");
}

/** Returns an id to look up for any text, so that an invalid id costs what an unknown one does. */
export function idOf(text: string | undefined): string {
  return text !== undefined && UUID.test(text) ? text.toLowerCase() : UNKNOWN_ID;
}

/** Returns a request as schemes read it. */
export function signedRequest(
  { headers, method, url: received }: Request,
  body: Bytes,
  url: string | undefined,
): SignedRequest {
  return {
    method: method === "GET" ? "GET" : "POST",
    header: (name) => headers.get(name),
    body,
    url,
    query: new URL(received).search.slice(1),
  };
}
