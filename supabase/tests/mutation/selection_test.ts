import assert from "node:assert/strict";
import type { Mutant } from "./mutant.ts";
import { MOST, selectMutants } from "./selection.ts";

function mutant(name: string, file: string, test = "rights/other.test.sql"): Mutant {
  return { name, file, find: "a", replace: "b", tests: [test] };
}

const MANY = Array.from({ length: 95 }, (_, index) => mutant(`many ${index}`, "shared/many.ts"));
const LISTS = {
  jobs: [
    mutant("schema", "supabase/schemas/40_runs/claim.sql"),
    mutant("code", "shared/core/claim.ts", "shared/core/claim_test.ts"),
    mutant("pgtap", "supabase/schemas/40_runs/other.sql", "claim_jobs/order.test.sql"),
  ],
  many: MANY,
};

function select(files: string[], { base = "abc" as string | undefined, seed = 1 } = {}) {
  const { touched, drawn } = selectMutants(LISTS, { base, files: new Set(files), seed });
  return { touched: touched.map(({ name }) => name), drawn: drawn.map(({ name }) => name) };
}

const TOUCHES: [string, string][] = [
  ["supabase/schemas/40_runs/claim.sql", "schema"],
  ["shared/core/claim.ts", "code"],
  ["shared/core/claim_test.ts", "code"],
  ["supabase/tests/claim_jobs/order.test.sql", "pgtap"],
];

for (const [file, name] of TOUCHES) {
  Deno.test(`a change of ${file} touches its mutant alone`, () => {
    assert.deepEqual(select([file, "README.md"]).touched, [name]);
  });
}

Deno.test("a change of a list touches the mutants in it", () => {
  const { touched } = select(["supabase/tests/mutation/mutants/jobs.ts"]);
  assert.deepEqual(touched, ["schema", "code", "pgtap"]);
});

Deno.test("every mutant is taken without a base, or when what runs them changed", () => {
  const all = Object.values(LISTS).flat().length;
  for (
    const { touched, drawn } of [
      selectMutants(LISTS, { base: undefined, files: new Set(), seed: 1 }),
      selectMutants(LISTS, {
        base: "abc",
        files: new Set(["supabase/tests/mutation/swap.ts"]),
        seed: 1,
      }),
    ]
  ) {
    assert.deepEqual([touched.length, drawn.length], [all, 0]);
  }
  assert.deepEqual(select(["supabase/tests/mutation/mutant_test.ts"]).touched, []);
});

Deno.test("a tenth of the rest is drawn, each once, the same for a seed", () => {
  const { touched, drawn } = select(["shared/core/claim.ts"]);
  assert.equal(drawn.length, 10);
  assert.equal(new Set([...drawn, ...touched]).size, 11);
  assert.deepEqual(select(["shared/core/claim.ts"]).drawn, drawn);
  assert.notDeepEqual(select(["shared/core/claim.ts"], { seed: 2 }).drawn, drawn);
});

Deno.test("of a change that touches too many, a part is drawn, the same for a seed", () => {
  const many = Array.from({ length: MOST + 1 }, (_, index) => mutant(`${index}`, "shared/many.ts"));
  const files = new Set(["shared/many.ts"]);
  const taken = (seed: number, count = many.length) => {
    const selection = selectMutants({ many: many.slice(0, count) }, { base: "abc", files, seed });
    assert.equal(selection.touched.length, count);
    return selection.taken.map(({ name }) => name);
  };
  assert.equal(new Set(taken(1)).size, MOST);
  assert.deepEqual(taken(1), taken(1));
  assert.notDeepEqual(taken(1), taken(2));
  assert.deepEqual(taken(1, MOST), many.slice(0, MOST).map(({ name }) => name), "as they come");
});

Deno.test("seeds draw every mutant in the end, and none twice at once", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 200; seed++) {
    const { drawn } = select([], { seed });
    assert.equal(new Set(drawn).size, 10);
    for (const name of drawn) seen.add(name);
  }
  assert.equal(seen.size, Object.values(LISTS).flat().length);
});
