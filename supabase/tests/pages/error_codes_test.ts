import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { ERRORS } from "../../../shared/core/errors.ts";

Deno.test("the codes the database raises are those of shared/core/errors.ts", async () => {
  await withDatabase(async ({ sql }) => {
    const rows = await sql`select code, sqlstate from jobforge.error_codes() order by code`;
    const known = Object.entries(ERRORS).flatMap(([code, error]) =>
      "sqlstate" in error ? [{ code, sqlstate: error.sqlstate as string }] : []
    );
    known.sort((a, b) => a.code < b.code ? -1 : 1);
    assert.deepEqual([...rows], known);
  });
});

Deno.test("the table of errors in docs/api.md has every code with its status, and no other", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/api.md", import.meta.url));
  const table = page.split("| HTTP |")[1]!.split("\n\n")[0]!;
  const listed = [...table.matchAll(/^\| (\d{3}) +\|([^|]*)\|$/gm)].flatMap(([, status, codes]) =>
    [...codes!.matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(([, code]) => `${code} ${status}`)
  );
  const known = Object.entries(ERRORS).map(([code, { status }]) => `${code} ${status}`);
  assert.deepEqual(listed.toSorted(), known.toSorted());
});
