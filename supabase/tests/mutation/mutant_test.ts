import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../local/project.ts";
import { type Mutant, mutated } from "./mutant.ts";
import { mutants } from "./mutants/mod.ts";

const mutant: Mutant = { name: "x", file: "f", find: "a", replace: "$&b", tests: [] };

Deno.test("a fault is put in as it is written", () => {
  assert.equal(mutated("- a -", mutant), "- $&b -");
});

for (const text of ["none", "a and a"]) {
  Deno.test(`a mutant of "${text}" is refused: it must be one fault`, () => {
    assert.throws(() => mutated(text, mutant), /not once/);
  });
}

Deno.test("every mutant fits its file, changes it, and has a name of its own", async () => {
  for (const each of mutants) {
    const text = await Deno.readTextFile(join(PROJECT_ROOT, each.file));
    assert.notEqual(mutated(text, each), text, each.name);
  }
  assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
});
