import assert from "node:assert/strict";
import { fakeContext } from "../../../shared/jobs/fake_context.ts";
import { sample } from "../../data/sample.ts";
import { dataImport } from "./definition.ts";
import { importData } from "./handler.ts";

async function run(payload: Record<string, unknown>, context = fakeContext()) {
  const parsed = dataImport.payload!.parse(payload);
  return dataImport.result!.parse(await importData.run(parsed, context));
}

const ORDER_COLUMNS = [
  { name: "order_id", kind: "integer", unique: true },
  { name: "customer_email", kind: "email" },
  { name: "placed_on", kind: "date" },
  { name: "quantity", kind: "integer" },
  { name: "unit_price", kind: "decimal" },
  { name: "gift", kind: "boolean", required: false },
];

Deno.test("sound rows are summed, broken ones are named by line, column and rule", async () => {
  const result = await run({ csv: await sample("orders.csv"), columns: ORDER_COLUMNS });
  assert.deepEqual([result.rows, result.accepted, result.rejected], [11, 4, 7]);
  assert.deepEqual(result.errors, [
    { line: 4, column: "customer_email", rule: "not_an_email" },
    { line: 5, column: "placed_on", rule: "not_a_date" },
    { line: 6, column: "quantity", rule: "not_an_integer" },
    { line: 7, column: "unit_price", rule: "not_a_decimal" },
    { line: 9, column: "order_id", rule: "not_unique" },
    { line: 10, column: "customer_email", rule: "required" },
    { line: 11, column: "", rule: "wrong_number_of_cells" },
  ]);
  assert.deepEqual(result.totals["unit_price"], {
    count: 4,
    sum: "291.5",
    min: "0.35",
    max: "249",
  });
});

Deno.test("sums are exact where floating point is not", async () => {
  const csv = "n\n" + "0.1\n".repeat(10) + "-0.30\n";
  const result = await run({ csv, columns: [{ name: "n", kind: "decimal" }] });
  assert.deepEqual(result.totals["n"], { count: 11, sum: "0.7", min: "-0.3", max: "0.1" });
});

Deno.test("another delimiter, quoted cells and a byte order mark are understood", async () => {
  const csv = "\uFEFF" + await sample("weather.csv");
  const columns = [{ name: "station", kind: "text" }, { name: "temperature", kind: "decimal" }];
  const result = await run({ csv, delimiter: ";", columns });
  assert.deepEqual([result.accepted, result.rejected], [4, 1]);
  assert.equal(result.totals["temperature"]?.min, "-4.1");
});

Deno.test("errors beyond the limit are counted, not listed", async () => {
  const csv = "n\n" + "x\n".repeat(50);
  const result = await run({ csv, columns: [{ name: "n", kind: "integer" }], max_errors: 3 });
  assert.deepEqual([result.errors.length, result.errors_omitted], [3, 47]);
});

Deno.test("columns named like members of Object are plain columns", async () => {
  const csv = "constructor,__proto__\n1,2\n";
  const columns = [{ name: "constructor", kind: "integer" }, { name: "__proto__", kind: "text" }];
  assert.equal((await run({ csv, columns })).accepted, 1);
});

Deno.test("a file without a declared column fails for good", async () => {
  const columns = [{ name: "b", kind: "text" }];
  await assert.rejects(run({ csv: "a\n1\n", columns }), { code: "missing_columns" });
});

Deno.test("a file that is not CSV fails for good", async () => {
  const columns = [{ name: "a", kind: "text" }];
  await assert.rejects(run({ csv: 'a\n"open\n', columns }), { code: "malformed_csv" });
});

Deno.test("a long file reports its progress and can be stopped between portions", async () => {
  const csv = "n\n" + "1\n".repeat(2_000);
  const columns = [{ name: "n", kind: "integer" }];
  const context = fakeContext();
  await run({ csv, columns }, context);
  assert.deepEqual(context.reported[0], { rows: 500, of: 2_000 });
  const stopped = fakeContext({ signal: AbortSignal.abort(new Error("stop")) });
  await assert.rejects(run({ csv, columns }, stopped), { message: "stop" });
});
