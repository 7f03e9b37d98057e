/** A parsed W3C `traceparent`. */
export interface TraceContext {
  traceId: string;
  parentId: string;
  flags: string;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Returns a parsed version 00 `traceparent`. Any other text is undefined, all-zero IDs included.
 */
export function parseTraceparent(header: string | null | undefined): TraceContext | undefined {
  const match = TRACEPARENT.exec(header ?? "");
  if (!match) return undefined;
  const [, traceId, parentId, flags] = match as unknown as [string, string, string, string];
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, flags };
}

/** Returns a trace context as a `traceparent` header. */
export function formatTraceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.parentId}-${trace.flags}`;
}

/** Returns a new unsampled trace from 24 random bytes. */
export function newTrace(random: Uint8Array): TraceContext {
  const hex = Array.from(random.subarray(0, 24), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  return { traceId: hex.slice(0, 32), parentId: hex.slice(32, 48), flags: "00" };
}

/** Returns the caller's trace if its header is valid, else a new one. */
export function acceptTrace(
  header: string | null | undefined,
  random: () => Uint8Array,
): TraceContext {
  return parseTraceparent(header) ?? newTrace(random());
}
