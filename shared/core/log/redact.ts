// Patterns of keys, tokens and signatures anywhere in a text. Runs are bounded, so that a hostile
// text costs no more than its length.
const SECRET_LIKE = new RegExp(
  [
    String.raw`\b(?:sb_(?:secret|publishable)_|sbp_|whsec_|whsk_)[\w+/=-]+`,
    String.raw`\beyJ[\w.-]{10,}`,
    String.raw`\b(?:Bearer|Basic)\s+\S+`,
    String.raw`-----BEGIN[^-]{1,40}PRIVATE KEY-----(?:\s+[\w+/=]{8,})*`,
    String.raw`\b(?:v1a?|t|sha256)[,=][\w+/=-]{32,}`,
  ].join("|"),
  "gi",
);
const SECRET_FIELD =
  /\b(authorization|apikey|api[_-]key|cookie|set-cookie|password|secret|token|[\w-]{0,40}signature)(["']?\s*[:=]\s*)(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s,;&"']+)/gi;
const USERINFO = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s\/@]+@/gi;
const QUERY = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s?"'<>]{0,500})\?[^\s"'<>]*/gi;
const BLANK = "[redacted]";

// What a cut leaves at the end of a text, too short or without its end to be found by the above.
const CUT_SECRETS: [RegExp, string][] = [
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s\/@]+$/i, `$1${BLANK}`],
  [/\beyJ[\w.-]{0,9}$/i, BLANK],
  [/\[redacted\]\s+[\w+/=]{1,7}$/, BLANK],
  [/\b(?:v1a?|t|sha256)[,=][\w+/=-]{0,31}$/i, BLANK],
  [
    /\b(authorization|apikey|api[_-]key|cookie|set-cookie|password|secret|token|[\w-]{0,40}signature)(["']?\s*[:=]\s*)(?:"[^"]*|'[^']*)$/i,
    `$1$2${BLANK}`,
  ],
];

/**
 * Returns a text without anything that looks like a key, a token or a password, and without the
 * userinfo and query of URLs. It is a second line of defense for foreign texts, such as messages of
 * errors.
 */
export function redact(text: string): string {
  return text
    .replace(USERINFO, `$1${BLANK}@`)
    .replace(QUERY, `$1?${BLANK}`)
    .replace(SECRET_LIKE, BLANK)
    .replace(SECRET_FIELD, `$1$2${BLANK}`);
}

/**
 * Returns the redacted first `most` characters of a text. A secret that the cut splits is removed as
 * well, so the result may be cut further. The rest of a huge text costs nothing.
 */
export function redactStart(text: string, most: number): string {
  if (text.length <= most) return redact(text);
  const start = redact(text.slice(0, most));
  return CUT_SECRETS.reduce((rest, [pattern, blank]) => rest.replace(pattern, blank), start);
}
