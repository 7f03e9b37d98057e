const UNITS: [number, string][] = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];

/** Returns a duration in at most two units: `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const first = UNITS.findIndex(([size]) => seconds >= size);
  const [size, unit] = UNITS[first]!;
  const whole = Math.floor(seconds / size);
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((seconds - whole * size) / next[0]) : 0;
  return rest > 0 ? `${whole} ${unit} ${rest} ${next![1]}` : `${whole} ${unit}`;
}

/** Returns a time relative to now, in the past or the future. */
export function relative(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (Math.abs(seconds) < 2) return "now";
  const whole = Math.round(Math.abs(seconds));
  const length = whole < 10 ? `${whole} s` : duration(whole);
  return seconds > 0 ? `${length} ago` : `in ${length}`;
}

/** Returns date and time of day in the user's locale. */
export function clockTime(time: string | number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** Returns a number with separators. */
export function count(value: number): string {
  return value.toLocaleString();
}

/** Returns a middle part of a UUID, which also differs within a batch of jobs. */
export function shortId(id: string): string {
  return id.length === 36 ? `…${id.slice(20, 31)}` : id;
}

/** Returns the creation time of an ID of version 7, in milliseconds. */
export function timeOfId(id: string): number {
  return parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

/** Returns the noun with its number: `1 job`, `12 jobs`. */
export function jobs(number: number): string {
  return `${count(number)} ${number === 1 ? "job" : "jobs"}`;
}

// Characters that are invisible or reorder text could make a payload look like something else.
const INVISIBLE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]/g;

/** Returns a text with its invisible and reordering characters spelled out. */
export function visible(text: string): string {
  return text.replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
