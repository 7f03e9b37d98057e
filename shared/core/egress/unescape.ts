/** Bytes without their escapes, and where each began in the bytes that were received. */
export interface Spelled {
  bytes: Uint8Array;
  /** Undefined where each byte stands for itself. */
  starts?: Uint32Array;
  /** Length of the bytes that were received. */
  length: number;
}

/**
 * Removes one layer of escapes. An escape that the end cuts off is left out, so that what comes
 * before it is the end.
 */
export type Unescape = ((from: Spelled) => Spelled) & { marks: number[] };

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const PLUS = 0x2b;
const BLANK = 0x20;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
/** Characters of the longest entity, `&#x0000010ffff;`. */
const MAX_ENTITY = 16;

/** Returns whether a layer of escapes can be in bytes. */
export function hasEscapes({ bytes }: Spelled, { marks }: Unescape): boolean {
  return marks.some((mark) => bytes.includes(mark));
}

/** What an escape stands for, and how many bytes it takes. */
type Escape = { text: string | Uint8Array; size: number } | "cut" | undefined;

/** Removes the escapes of JSON and of JavaScript: `\u0070`, `\x70`, `\/`. */
export const unescapeJson: Unescape = layer([BACKSLASH], (bytes, at) => {
  const kind = bytes[at + 1];
  if (kind === undefined) return "cut";
  const digits = kind === 0x75 ? 4 : kind === 0x78 ? 2 : 0;
  if (digits === 0) return { text: CONTROLS[kind] ?? bytes.subarray(at + 1, at + 2), size: 2 };
  const code = hex(bytes, at + 2, digits);
  if (typeof code !== "number") return code;
  const low = code >= 0xd800 && code < 0xdc00 && bytes[at + 6] === BACKSLASH &&
    bytes[at + 7] === 0x75 && hex(bytes, at + 8, 4);
  if (typeof low !== "number") return { text: String.fromCharCode(code), size: 2 + digits };
  return { text: String.fromCharCode(code, low), size: 12 };
});

/** Removes the escapes of URLs and forms: `%70`, and `+` for a blank. */
export const unescapeUrl: Unescape = layer([PERCENT, PLUS], (bytes, at) => {
  if (bytes[at] === PLUS) return { text: new Uint8Array([BLANK]), size: 1 };
  const code = hex(bytes, at + 1, 2);
  return typeof code === "number" ? { text: new Uint8Array([code]), size: 3 } : code;
});

/** Removes the entities of HTML and XML: `&#112;`, `&#x70;`, `&quot;`. */
export const unescapeHtml: Unescape = layer([AMPERSAND], (bytes, at) => {
  const piece = bytes.subarray(at + 1, at + MAX_ENTITY);
  const end = piece.indexOf(SEMICOLON);
  if (end === -1) return at + MAX_ENTITY > bytes.length ? "cut" : undefined;
  const name = String.fromCharCode(...piece.subarray(0, end));
  const digits = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
  const code = digits && (digits[1] ? parseInt(digits[1], 16) : Number(digits[2]));
  const text = code !== null && code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES.get(name);
  return text === undefined ? undefined : { text, size: end + 2 };
});

const CONTROLS: Record<number, string> = {
  0x62: "\b",
  0x66: "\f",
  0x6e: "\n",
  0x72: "\r",
  0x74: "\t",
};
const ENTITIES = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }));

function hex(bytes: Uint8Array, at: number, digits: number): number | "cut" | undefined {
  const text = String.fromCharCode(...bytes.subarray(at, at + digits));
  if (!/^[0-9a-f]*$/i.test(text)) return undefined;
  return text.length < digits ? "cut" : parseInt(text, 16);
}

/** Reads once over the bytes. What an escape stands for is never longer than the escape. */
function layer(marks: number[], escapeAt: (bytes: Uint8Array, at: number) => Escape): Unescape {
  const unescape = ({ bytes, length, starts }: Spelled): Spelled => {
    const out = new Uint8Array(bytes.length);
    const places = new Uint32Array(bytes.length);
    let size = 0;
    for (let at = 0; at < bytes.length;) {
      const found = marks.includes(bytes[at]!) ? escapeAt(bytes, at) : undefined;
      if (found === "cut") break;
      places[size] = starts?.[at] ?? at;
      if (!found) {
        out[size++] = bytes[at++]!;
        continue;
      }
      const plain = typeof found.text === "string"
        ? new TextEncoder().encode(found.text)
        : found.text;
      places.fill(places[size]!, size, size + plain.length);
      out.set(plain, size);
      size += plain.length;
      at += found.size;
    }
    return { bytes: out.subarray(0, size), starts: places.subarray(0, size), length };
  };
  return Object.assign(unescape, { marks });
}
