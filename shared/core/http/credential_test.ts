import assert from "node:assert/strict";
import { credentialHeaders, readCredential } from "./credential.ts";

const PUBLISHABLE = ["sb", "publishable", "p1"].join("_");
const SECRET = ["sb", "secret", "s1"].join("_");
const USER = jwt({ role: "authenticated", sub: "u1" });
const LEGACY_ANON = jwt({ role: "anon" });
const LEGACY_SERVICE = jwt({ role: "service_role" });

function jwt(claims: Record<string, unknown>): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  return `${part({ alg: "HS256" })}.${part(claims)}.signature`;
}

const ACCEPTED: [string, string | null, string | null, string][] = [
  ["a user's JWT with the publishable key", `Bearer ${USER}`, PUBLISHABLE, "user"],
  ["a user's JWT alone", `Bearer ${USER}`, null, "user"],
  ["a user's JWT with the legacy anon key", `Bearer ${USER}`, LEGACY_ANON, "user"],
  ["a secret key in apikey", null, SECRET, "service"],
  ["a legacy service key in apikey", null, LEGACY_SERVICE, "service"],
  ["a legacy service key in both", `Bearer ${LEGACY_SERVICE}`, LEGACY_SERVICE, "service"],
  ["a legacy service key as Bearer", `Bearer ${LEGACY_SERVICE}`, null, "service"],
];

for (const [what, authorization, apikey, kind] of ACCEPTED) {
  Deno.test(`${what} is a ${kind}`, () => {
    assert.equal(readCredential(authorization, apikey).kind, kind);
  });
}

const REFUSED: [string, string | null, string | null, string][] = [
  ["nothing", null, null, "unauthenticated"],
  ["the publishable key alone", null, PUBLISHABLE, "unauthenticated"],
  ["the legacy anon key in both", `Bearer ${LEGACY_ANON}`, LEGACY_ANON, "unauthenticated"],
  ["a secret key as Bearer", `Bearer ${SECRET}`, null, "unauthenticated"],
  ["a secret key as Bearer and apikey", `Bearer ${SECRET}`, SECRET, "unauthenticated"],
  ["a publishable key as Bearer", `Bearer ${PUBLISHABLE}`, PUBLISHABLE, "unauthenticated"],
  ["a Bearer that is no JWT", "Bearer junk", PUBLISHABLE, "unauthenticated"],
  ["an empty Bearer", "Bearer ", PUBLISHABLE, "unauthenticated"],
  ["another scheme", "Basic dXNlcjpwdw==", SECRET, "unauthenticated"],
  ["an unknown apikey", null, "junk", "unauthenticated"],
  ["a secret key in upper case", null, SECRET.toUpperCase(), "unauthenticated"],
  ["a user's JWT as apikey only", null, USER, "unauthenticated"],
  ["a user's JWT with a secret key", `Bearer ${USER}`, SECRET, "credential_conflict"],
  ["a user's JWT with the service key", `Bearer ${USER}`, LEGACY_SERVICE, "credential_conflict"],
  [
    "a service Bearer with a publishable key",
    `Bearer ${LEGACY_SERVICE}`,
    PUBLISHABLE,
    "credential_conflict",
  ],
  ["an anon Bearer with a secret key", `Bearer ${LEGACY_ANON}`, SECRET, "credential_conflict"],
];

for (const [what, authorization, apikey, code] of REFUSED) {
  Deno.test(`${what} is refused as ${code}`, () => {
    assert.throws(() => readCredential(authorization, apikey), { code });
  });
}

Deno.test("a credential is passed on without adding a right", () => {
  const user = readCredential(`Bearer ${USER}`, null);
  assert.deepEqual(credentialHeaders(user, PUBLISHABLE), {
    apikey: PUBLISHABLE,
    authorization: `Bearer ${USER}`,
  });
  const service = readCredential(null, SECRET);
  assert.deepEqual(credentialHeaders(service, PUBLISHABLE), { apikey: SECRET });
});
