import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";

Deno.test("a repair of rights gives up behind an open transaction", () =>
  withDatabase(async ({ open }) => {
    const [reader, owner] = await open(2);
    await owner!`set statement_timeout = '10s'`;
    await reader!`begin`;
    await reader!`select count(*) from public.jobforge_jobs`;
    await assert.rejects(owner!`select jobforge.apply_rights()`.execute(), { code: "55P03" });
    await reader!`commit`;
    await owner!`select jobforge.apply_rights()`;
  }));
