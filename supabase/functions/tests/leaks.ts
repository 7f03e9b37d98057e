import assert from "node:assert/strict";

/** What no answer of a function may show, after any error inside. */
const LEAKS: [string, RegExp][] = [
  ["SQL", /\b(?:select|insert|update|delete)\b[^"]*\b(?:from|into|set|values|where)\b/i],
  ["a word of Postgres", /violates|relation \\?"|PL\/pgSQL|SQLSTATE|pg_catalog|plpgsql|PGRST/],
  ["a function or table inside", /\bjobforge\.[a-z_]+|\bjobforge_[a-z_]+\b/],
  ["a row", /Failing row|Key \(/],
  ["a stack", /\n\s+at |\bat \w+ \(|\.[jt]s:\d+/],
  ["a path", /file:\/\/|node_modules|(?:^|[\s"'(])\/(?:home|root|tmp|usr|var|Users|app|src)\//],
  ["a key", /sb_(?:secret|publishable)_\w|whsec_\w/],
  ["a token", /eyJ[\w-]+\.[\w-]+\.[\w-]*/],
  ["a connection", /postgres(?:ql)?:\/\/|127\.0\.0\.1:\d+/],
];

/** Names at the start of a line of metrics, which are ours to show. */
const METRIC_NAMES =
  /^(# (?:HELP|TYPE) |)jobforge_(?:queue|attempts?|jobs|runs|alerts|maintenance)(?:_[a-z_]+)?([ {])/gm;

/** Looks an answer of a function over, headers and body, and hands it on unread. */
export async function withoutLeaks(response: Response): Promise<Response> {
  const body = (await response.clone().text()).replace(METRIC_NAMES, "$1metric$2");
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  const text = [...headers, body].join("\n");
  for (const [what, pattern] of LEAKS) {
    assert.doesNotMatch(text, pattern, `an answer shows ${what}: ${response.status} ${text}`);
  }
  if (response.status >= 400) {
    assert.equal(response.headers.get("content-type"), "application/problem+json", text);
  }
  return response;
}
