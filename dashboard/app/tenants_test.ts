import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { tenantsOf } from "./tenants.ts";

const token = (claims: unknown) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

Deno.test("the tenants of a user are those of the token", () => {
  const tenants = ["a", "b"];
  // Text that base64url writes with - and _.
  const name = "ÿÿÿ>>>???";
  assert.deepEqual(tenantsOf(token({ app_metadata: { tenant_ids: tenants }, name })), tenants);
});

Deno.test("a user of one tenant, or a token that cannot be read, has no list of tenants", () => {
  const metadata = [{ tenant_id: "a" }, { tenant_id: "a", tenant_ids: ["a", "b"] }, {}, null, 1];
  for (const app_metadata of metadata) assert.deepEqual(tenantsOf(token({ app_metadata })), []);
  assert.deepEqual(tenantsOf(token({ app_metadata: { tenant_ids: [1, "b", null] } })), ["b"]);
  for (const text of ["", "a", "a.b.c", "a.!.c"]) assert.deepEqual(tenantsOf(text), []);
});
