import { EgressRefused } from "./refusal.ts";

/** Headers of the connection, of proxies, and of requests on behalf of another host. */
const REFUSED = new Set([
  ...["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"],
  ...["host", "content-length", "accept-encoding", "http2-settings", "via", "early-data"],
  ...["cookie", "cookie2", "set-cookie", "forwarded", "x-real-ip", "true-client-ip", "client-ip"],
  ...["cf-connecting-ip", "x-original-url", "x-rewrite-url", "x-http-method-override"],
  ...["x-http-method", "x-method-override", "x-original-host", "x-host"],
]);
const REFUSED_PREFIXES = [
  ...["proxy-", "sec-", "x-forwarded-", "metadata", "x-metadata", "x-aws-", "x-google-metadata"],
  ...["x-amz-security-", "webhook-", "svix-", "x-jobforge-", "x-supabase-"],
];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/;
// Visible ASCII, space and tab, which every server reads alike.
const VALUE = /^[\x20-\x7e\t]*$/;
const MAX_VALUE_LENGTH = 8_192;
const MAX_HEADERS = 50;
const MAX_TOTAL_LENGTH = 32_768;

/**
 * Returns the headers of a job in lower case. Throws EgressRefused for a header that is not
 * allowed. `reserved` names the headers of the connector.
 */
export function checkRequestHeaders(
  headers: Readonly<Record<string, string>>,
  reserved: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const checked = new Map<string, string>();
  let total = 0;
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (checked.has(name)) throw refused(name, "is given twice");
    if (isRefused(name) || Object.hasOwn(reserved, name)) {
      throw refused(name, "is not a job's to set");
    }
    checkForm(name, value);
    total += name.length + value.length;
    checked.set(name, value);
  }
  if (checked.size > MAX_HEADERS || total > MAX_TOTAL_LENGTH) {
    throw new EgressRefused("egress_header_not_allowed", "there are too many request headers");
  }
  return Object.fromEntries(checked);
}

/** Checks the connector's own headers: their form, and that none is a connection header. */
export function checkOwnHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (REFUSED.has(name)) throw refused(name, "is not a connector's to set");
    checkForm(name, value);
  }
}

function isRefused(name: string): boolean {
  return REFUSED.has(name) || REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function checkForm(name: string, value: string): void {
  if (!TOKEN.test(name)) {
    throw new EgressRefused("egress_header_not_allowed", "a request header has no valid name");
  }
  if (value.length > MAX_VALUE_LENGTH || !VALUE.test(value)) {
    throw refused(name, "must be at most 8192 characters of visible ASCII");
  }
}

function refused(name: string, why: string): EgressRefused {
  const shown = TOKEN.test(name) ? name : "of a request";
  return new EgressRefused("egress_header_not_allowed", `the header ${shown} ${why}`);
}
