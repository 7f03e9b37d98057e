import type { HeaderLine } from "./response_headers.ts";

/** Codings that egress decodes. */
export type Decodable = "gzip" | "deflate" | "br";

/** A content coding: one to decode, or one of which only the name is known. */
export type ContentCoding = Decodable | "opaque";

const DECODABLE: Record<string, Decodable> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
};
/** Other registered codings. Any further name, like utf-8, is a mistake and means none. */
const OPAQUE = new Set([
  ...["compress", "x-compress", "zstd", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"],
]);
const MAX_CODINGS = 3;

/** Returns the codings of a body in the order of their removal. */
export function contentCodings(lines: readonly HeaderLine[]): ContentCoding[] {
  const names = lines.filter(([name]) => name === "content-encoding")
    .flatMap(([, value]) => value.toLowerCase().split(",").map((each) => each.trim()));
  const codings = names.flatMap((name): ContentCoding[] => {
    const decodable = Object.hasOwn(DECODABLE, name) ? DECODABLE[name] : undefined;
    return decodable ? [decodable] : OPAQUE.has(name) ? ["opaque"] : [];
  });
  return codings.length > MAX_CODINGS ? ["opaque"] : codings.reverse();
}
