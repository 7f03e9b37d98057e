import assert from "node:assert/strict";
import { readText } from "./source.ts";

Deno.test("every variable that functions read is on the page of variables, and no other", async () => {
  const code = await readText("shared/adapters/runtime/env.ts");
  const page = await readText("docs/environment.md");
  const named = (text: string) => new Set(text.match(/\bJOBFORGE_[A-Z_]*[A-Z]\b/g));
  const read = named(code);
  assert.ok(read.size >= 9);
  // The prefix of the secrets of connectors is read elsewhere.
  const described = named(page.replaceAll("JOBFORGE_SECRET_…", ""));
  assert.deepEqual([...described].toSorted(), [...read].toSorted());
});

Deno.test("the page of variables has the defaults and bounds of the code", async () => {
  const code = await readText("shared/adapters/runtime/env.ts");
  const page = await readText("docs/environment.md");
  const calls = code.matchAll(
    /integer\("(JOBFORGE_\w+)", ([\d_]+), ([\d_.\w]+)\)(?:\s*\?\?\s*([\d_.\w]+))?/g,
  );
  const known: Record<string, string> = {
    "PLATFORM_WALL_CLOCK_MS.paid": "400000",
    "PLATFORM_WALL_CLOCK_MS.free": "150000",
  };
  const plain = (text: string) => known[text] ?? text.replaceAll("_", "");
  let count = 0;
  for (const [, name, min, max, byDefault] of calls) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``));
    assert.ok(row, `${name} has no row`);
    const cells = row.split("|").map((cell) => cell.trim());
    const numbers = `${plain(min!)} … ${plain(max!)}`;
    assert.ok([numbers, `${min} or ${max}`].includes(cells[3]!), `${name}: ${cells[3]}`);
    if (byDefault) assert.equal(cells[2], plain(byDefault), name);
    count++;
  }
  assert.equal(count, 13);
});
