import assert from "node:assert/strict";
import { operatorSecrets, secretResolver } from "./secrets.ts";

const ACME = "1a111111-1111-4111-8111-11111111111f";
const GLOBEX = "22222222-2222-4222-8222-222222222222";
const ACME_KEY = "JOBFORGE_SECRET_1A11111111114111811111111111111F";
const GLOBEX_KEY = "JOBFORGE_SECRET_22222222222242228222222222222222";

const ENVIRONMENT = {
  SUPABASE_SERVICE_ROLE_KEY: "planted-service-role",
  SUPABASE_SECRET_KEYS: "planted-secret-keys",
  SUPABASE_DB_URL: "planted-db-url",
  PATH: "planted-path",
  JOBFORGE_SECRET_: "planted-empty",
  JOBFORGE_SECRET_KEY: "planted-no-tenant",
  [`${ACME_KEY}_API`]: "acme-api",
  [`${ACME_KEY}_EMPTY`]: "",
  [`${GLOBEX_KEY}_API`]: "planted-globex",
  [`X${ACME_KEY}_API`]: "planted-prefixed",
};
const resolve = secretResolver(ENVIRONMENT);

Deno.test("a reference bound to the tenant resolves, values from Vault pass", () => {
  const sources = [{ value: "from-vault" }, { ref: `env:${ACME_KEY}_API` }];
  assert.deepEqual(resolve(ACME, sources), ["from-vault", "acme-api"]);
});

Deno.test("what is gone is left out as long as one secret is left", () => {
  const sources = [{ ref: `env:${ACME_KEY}_GONE` }, { ref: `env:${ACME_KEY}_API` }];
  assert.deepEqual(resolve(ACME, sources), ["acme-api"]);
});

const REFUSED = {
  "the service role key": "env:SUPABASE_SERVICE_ROLE_KEY",
  "the secret keys": "env:SUPABASE_SECRET_KEYS",
  "the database's URL": "env:SUPABASE_DB_URL",
  "any other variable": "env:PATH",
  "a bare name": "SUPABASE_SERVICE_ROLE_KEY",
  "another tenant's reference": `env:${GLOBEX_KEY}_API`,
  "a reference of no tenant": "env:JOBFORGE_SECRET_KEY",
  "the bare prefix": "env:JOBFORGE_SECRET_",
  "the tenant without a name": `env:${ACME_KEY}_`,
  "an empty variable": `env:${ACME_KEY}_EMPTY`,
  "a reference in lower case": `env:${ACME_KEY.toLowerCase()}_api`,
  "a reference after a line break": `x\nenv:${ACME_KEY}_API`,
  "a reference before a line break": `env:${ACME_KEY}_API\n`,
  "a name that only ends like one": `env:X${ACME_KEY}_API`,
  "a reference to Vault, which only the database resolves": "vault:api",
  "a member of every object": "env:__proto__",
  "nothing": "",
};

for (const [what, ref] of Object.entries(REFUSED)) {
  Deno.test(`${what} never resolves`, () => {
    assert.throws(() => resolve(ACME, [{ ref }]), (error: Error & { code?: string }) => {
      assert.equal(error.code, "secret_unavailable");
      assert.doesNotMatch(error.message, /planted|JOBFORGE_SECRET|SUPABASE/);
      return true;
    });
  });
}

Deno.test("of the environment nothing but operators' secrets is kept", () => {
  const names = [...operatorSecrets(ENVIRONMENT).keys()];
  assert.equal(names.length, 5);
  assert.deepEqual(names.filter((name) => !name.startsWith("JOBFORGE_SECRET_")), []);
});

Deno.test("a connector without secrets has none to give", () => {
  assert.throws(() => resolve(ACME, []), { code: "secret_unavailable" });
});

Deno.test("a variable named like a tenant's resolves for that tenant alone", () => {
  const everyone = [ACME, GLOBEX, "", "1a111111", "not-a-uuid"];
  const got = everyone.map((tenant) => {
    try {
      return resolve(tenant, [{ ref: `env:${GLOBEX_KEY}_API` }]);
    } catch {
      return undefined;
    }
  });
  assert.deepEqual(got, [undefined, ["planted-globex"], undefined, undefined, undefined]);
});
