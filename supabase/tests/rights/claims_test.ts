import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { Random, seedOf } from "../fixtures/random.ts";

const [A, B] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-22222222AbCd"];
const CLAIM_SETS = 1500;

/** JSON text of values that are no tenant. */
const MALFORMED = [
  ...["null", "true", "0", "1e131071", "-1e-16383", '""', '"acme"', "{}", "[]"],
  ...[
    `"${A} "`,
    `"{${A}}"`,
    `"${A.replaceAll("-", "")}"`,
    `"${A}\\n${B}"`,
    `["${A}"]`,
    `[["${A}"]]`,
  ],
  ...[`{"0": "${A}"}`, `{"id": "${A}"}`, `"${A}${A}"`, `"urn:uuid:${A}"`, `"${A.slice(0, -1)}g"`],
];

/** JSON text that Postgres cannot store, though a signature can cover it. */
const UNREADABLE = ["1e999999", '"\\u0000"', "[".repeat(20_000) + "]".repeat(20_000)];

interface Claims {
  text: string;
  tenants: string[];
}

/** Claims of any shape, with the tenants that they name, if all of it is as it should be. */
function someClaims(random: Random): Claims {
  const members: string[] = [];
  let tenants: string[] = [];
  let valid = true;
  const one = random.int(0, 3);
  if (one === 1) {
    const tenant = random.pick([A, B]);
    members.push(`"tenant_id": "${tenant}"`);
    tenants.push(tenant);
  } else if (one > 1 && random.int(0, 2) === 0) {
    members.push(`"tenant_id": ${random.pick(MALFORMED)}`);
    valid = false;
  }
  const many = random.int(0, 3);
  if (many === 1) {
    const list = Array.from({ length: random.int(0, 3) }, () => random.pick([A, B]));
    members.push(`"tenant_ids": ${JSON.stringify(list)}`);
    tenants.push(...list);
  } else if (many === 2) {
    const entry = random.pick(MALFORMED);
    const list = random.pick([`["${A}", ${entry}]`, `[${entry}]`]);
    const other = entry === "[]" ? "5" : entry;
    members.push(`"tenant_ids": ${random.pick([list, other.startsWith("[") ? "{}" : other])}`);
    valid = false;
  }
  const role = random.int(0, 9) === 0
    ? random.pick(["null", '"anon"', '"service_role"', '["authenticated"]', "5"])
    : '"authenticated"';
  let text = `{${random.pick([members, members.toReversed()]).join(", ")}}`;
  if (random.int(0, 9) === 0) {
    text = random.pick([`[${text}]`, JSON.stringify(text), `{"app_metadata": ${text}}`, "7"]);
    valid = false;
  }
  const others = [`"sub": ${random.pick([...MALFORMED, '"user"'])}`];
  if (random.int(0, 3) === 0) others.push(`"plan": ${random.pick(MALFORMED)}`);
  if (random.int(0, 5) === 0) {
    others.push(`"extra": ${random.pick(UNREADABLE)}`);
    valid = false;
  }
  if (!valid || role !== '"authenticated"') tenants = [];
  text = `{"role": ${role}, "app_metadata": ${text}, ${others.join(", ")}}`;
  if (random.int(0, 19) === 0) return { text: text.slice(0, -random.int(1, 9)), tenants: [] };
  return { text, tenants };
}

Deno.test("claims of any shape name their tenants or none, and never raise an error", () =>
  withDatabase(async ({ sql }) => {
    const seed = seedOf();
    const random = new Random(seed);
    for (let index = 0; index < CLAIM_SETS; index++) {
      const { text, tenants } = someClaims(random);
      const found = await sql.begin(async (request) => {
        await request`select set_config('role', 'authenticated', true),
          set_config('request.jwt.claims', ${text}, true)`;
        const [row] = await request`
          select jobforge.tenant_ids() as tenants, (select count(*) from public.jobforge_queues)`;
        await request`reset role`;
        const [named] = await request`select length(jobforge.caller()) as caller`;
        return { tenants: row!.tenants as string[], caller: named!.caller as number };
      }).catch((error) => assert.fail(`seed ${seed}: ${error} for ${text.slice(0, 500)}`));
      const wanted = [...new Set(tenants.map((tenant) => tenant.toLowerCase()))].sort();
      assert.deepEqual(found.tenants.toSorted(), wanted, `seed ${seed}: ${text.slice(0, 500)}`);
      assert.ok(found.caller <= 255, `seed ${seed}: ${text.slice(0, 500)}`);
    }
  }));
