import assert from "node:assert/strict";
import { splitStatements } from "../postgres/migrate.ts";
import { filesBelow, lineCount, parse, readSources, readText } from "./source.ts";

const CAPS = {
  typescriptFile: 300,
  typescriptFunction: 60,
  schemaFile: 220,
  sqlFunction: 70,
  sqlColumns: 100,
};

/** Each function that a call enters is compiled anew in each transaction. */
const HOT_PATH = "a further function costs 14,000 instructions in each transaction";

/** What may be larger, and why. An entry that is not needed fails. */
const EXCEPTIONS: Record<string, string> = {
  "shared/database.types.ts": "the official CLI writes it",
  "supabase/schemas/20_jobs/enqueue_job.sql jobforge.enqueue_job": HOT_PATH,
  "supabase/schemas/40_runs/claim_one.sql jobforge.claim_one": HOT_PATH,
  "supabase/schemas/40_runs/settle_and_claim.sql jobforge.settle_and_claim": HOT_PATH,
  "supabase/schemas/40_runs/settle.sql jobforge.settle_others":
    "one statement moves jobs to where they lie next",
  "supabase/schemas/40_runs/settle_succeeded.sql jobforge.settle_succeeded": HOT_PATH,
};

/** Something measured: where it is, and how large it is. */
interface Measure {
  place: string;
  size: number;
}

/** Fails with everything above the cap that is no exception. */
function assertWithin(cap: number, measures: Measure[]): void {
  const above = measures.filter(({ place, size }) => size > cap && !(place in EXCEPTIONS));
  const lines = above.toSorted((a, b) => b.size - a.size)
    .map(({ place, size }) => `${size} ${place}`);
  assert.ok(measures.length > 0, "nothing was measured");
  assert.deepEqual(lines, [], `above ${cap}`);
}

const sources = await readSources();
const typescriptFiles = sources.map(({ path, lines }) => ({ place: path, size: lines }));
const typescriptFunctions = sources.flatMap(({ path, functions }) =>
  functions.map(({ name, lines }) => ({ place: `${path} ${name}`, size: lines }))
);

const schemas = await sqlFiles("supabase/schemas");
const sql = [...schemas, ...await sqlFiles("supabase/tests")];
const schemaFiles = schemas.map(({ path, text }) => ({ place: path, size: lineCount(text) }));
const sqlFunctions = sql.flatMap(({ path, text }) =>
  functionsOf(text).map(({ name, lines }) => ({ place: `${path} ${name}`, size: lines }))
);
const sqlLines = sql.flatMap(({ path, text }) =>
  text.split("\n").map((line, index) => ({ place: `${path}:${index + 1}`, size: line.length }))
);

async function sqlFiles(folder: string): Promise<{ path: string; text: string }[]> {
  const paths = (await filesBelow(folder)).filter((path) => path.endsWith(".sql"));
  assert.ok(paths.length > 30, `${folder} has ${paths.length} files`);
  return await Promise.all(paths.map(async (path) => ({ path, text: await readText(path) })));
}

/** The functions a text of SQL creates, from `create` to the last line of the body. */
function functionsOf(text: string): { name: string; lines: number }[] {
  return splitStatements(text).flatMap((statement) => {
    const head = /^create (?:or replace )?(?:function|procedure) ([\w.]+)/m.exec(statement);
    return head ? [{ name: head[1]!, lines: lineCount(statement.slice(head.index)) }] : [];
  });
}

Deno.test(`no TypeScript file has more than ${CAPS.typescriptFile} lines`, () => {
  assertWithin(CAPS.typescriptFile, typescriptFiles);
});

Deno.test(`no TypeScript function has more than ${CAPS.typescriptFunction} lines`, () => {
  assertWithin(CAPS.typescriptFunction, typescriptFunctions);
});

Deno.test(`no file of supabase/schemas has more than ${CAPS.schemaFile} lines`, () => {
  assertWithin(CAPS.schemaFile, schemaFiles);
});

Deno.test(`no SQL function has more than ${CAPS.sqlFunction} lines`, () => {
  assertWithin(CAPS.sqlFunction, sqlFunctions);
});

Deno.test(`no line of SQL has more than ${CAPS.sqlColumns} characters`, () => {
  assertWithin(CAPS.sqlColumns, sqlLines);
});

Deno.test("every exception is needed", () => {
  const needed = new Set([
    ...typescriptFiles.filter(({ size }) => size > CAPS.typescriptFile),
    ...typescriptFunctions.filter(({ size }) => size > CAPS.typescriptFunction),
    ...schemaFiles.filter(({ size }) => size > CAPS.schemaFile),
    ...sqlFunctions.filter(({ size }) => size > CAPS.sqlFunction),
    ...sqlLines.filter(({ size }) => size > CAPS.sqlColumns),
  ].map(({ place }) => place));
  assert.deepEqual(Object.keys(EXCEPTIONS).filter((place) => !needed.has(place)), []);
});

Deno.test("functions are measured whole", () => {
  const text = `class A {\n  #b() {\n    return "}";\n  }\n}\nit("c", () => {\n  /}/;\n\n});\n`;
  assert.deepEqual(parse("x.ts", text).functions, [
    { name: "#b", lines: 3 },
    { name: 'it("c")', lines: 4 },
  ]);
});

Deno.test("a test is measured without its steps, which are tests", () => {
  const text = `Deno.test("a", async (t) => {\n  await t.step("b", () => {\n\n  });\n});\n`;
  assert.deepEqual(parse("x.ts", text).functions, [
    { name: 'Deno.test("a")', lines: 3 },
    { name: 't.step("b")', lines: 3 },
  ]);
});

Deno.test("a function of SQL is measured without what stands above it", () => {
  const text = `-- why\ncreate function a.b()\nreturns text\nas $$\n  select ';'\n$$;\nselect 1;\n`;
  assert.deepEqual(functionsOf(text), [{ name: "a.b", lines: 5 }]);
});
