import assert from "node:assert/strict";
import { checkOwnHeaders, checkRequestHeaders } from "./request_headers.ts";

const REFUSED = [
  ...["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"],
  ...["host", "content-length", "accept-encoding", "http2-settings", "via", "early-data"],
  ...["proxy-authorization", "proxy-connection", "cookie", "set-cookie", "forwarded", "x-real-ip"],
  ...["x-forwarded-for", "x-forwarded-host", "true-client-ip", "cf-connecting-ip", "metadata"],
  ...["metadata-flavor", "x-aws-ec2-metadata-token", "x-google-metadata-request"],
  ...["x-amz-security-token", "webhook-id", "webhook-signature", "svix-signature"],
  ...["x-jobforge-signature", "x-supabase-auth", "sec-fetch-site", "x-http-method-override"],
  ...["x-original-url"],
];
for (const name of REFUSED) {
  Deno.test(`a job must not set ${name}, in any case`, () => {
    for (const spelled of [name, name.toUpperCase()]) {
      const check = () => checkRequestHeaders({ [spelled]: "1" });
      assert.throws(check, { code: "egress_header_not_allowed" });
    }
  });
}

const MALFORMED: [string, string][] = [
  ...[["", "x"], ["a b", "x"], ["a:", "x"], ["ä", "x"], ["a\r\nhost", "x"]] as [string, string][],
  ...[["a", "x\r\nhost: y"], ["a", "x\ny"], ["a", "x\0"], ["a", "ü"], ["a", "€"]] as [
    string,
    string,
  ][],
  ["a", "x".repeat(8_193)],
  ["a".repeat(129), "x"],
];
Deno.test("names are tokens, values are visible ASCII of at most 8 kB", () => {
  for (const [name, value] of MALFORMED) {
    const check = () => checkRequestHeaders({ [name]: value });
    assert.throws(check, { code: "egress_header_not_allowed" }, JSON.stringify([name, value]));
    assert.throws(() => checkOwnHeaders({ [name]: value }), { code: "egress_header_not_allowed" });
  }
});

Deno.test("a connector signs and authorizes, and leaves the connection alone", () => {
  checkOwnHeaders({ authorization: "Bearer x", "webhook-id": "1", "x-jobforge-signature": "s" });
  for (const name of ["host", "content-length", "transfer-encoding", "connection", "Host"]) {
    assert.throws(() => checkOwnHeaders({ [name]: "1" }), { code: "egress_header_not_allowed" });
  }
});

Deno.test("an error never repeats a value", () => {
  assert.throws(() => checkRequestHeaders({ cookie: "planted" }), (error: Error) => {
    assert.doesNotMatch(error.message, /planted/);
    return true;
  });
});

Deno.test("names that differ in case only, or that the connector sets, are refused", () => {
  const refusal = { code: "egress_header_not_allowed" };
  assert.throws(() => checkRequestHeaders({ "X-A": "1", "x-a": "2" }), refusal);
  const own = { authorization: "Bearer x" };
  assert.throws(() => checkRequestHeaders({ Authorization: "mine" }, own), refusal);
});

Deno.test("too many headers are refused", () => {
  const many = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, "v".repeat(length)]));
  assert.throws(() => checkRequestHeaders(many(51, 1)), { code: "egress_header_not_allowed" });
  assert.throws(() => checkRequestHeaders(many(10, 4_000)), { code: "egress_header_not_allowed" });
  assert.equal(Object.keys(checkRequestHeaders(many(50, 1))).length, 50);
});

Deno.test("ordinary headers pass, in lower case", () => {
  const given = { Accept: "application/json", "X-Api-Key": "k", "If-Match": '"1"', __proto__x: "" };
  assert.deepEqual(checkRequestHeaders(given), {
    ...{ accept: "application/json", "x-api-key": "k", "if-match": '"1"', __proto__x: "" },
  });
  const invalid = checkRequestHeaders(JSON.parse('{"__proto__": "x"}'));
  assert.deepEqual(Object.keys(invalid), ["__proto__"]);
});
