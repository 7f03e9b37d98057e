import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";

Deno.test("a repair of rights waits for no transaction when the rights are right", () =>
  withDatabase(async ({ open }) => {
    const [reader, owner] = await open(2);
    await reader!`begin`;
    await reader!`lock table public.jobforge_queues, jobforge.settings in exclusive mode`;
    await owner!`set statement_timeout = '10s'`;
    await owner!`begin`;
    await owner!`select jobforge.apply_rights()`;
    const [written] = await owner!`select pg_current_xact_id_if_assigned() is null as nothing`;
    assert.equal(written?.nothing, true);
    await owner!`commit`;
    await reader!`commit`;
  }));

Deno.test("a repair of rights gives up behind an open transaction", () =>
  withDatabase(async ({ open }) => {
    const [reader, owner] = await open(2);
    await owner!`set statement_timeout = '10s'`;
    await owner!`drop policy jobforge_queues_select_authenticated on public.jobforge_queues`;
    await reader!`begin`;
    await reader!`select count(*) from public.jobforge_queues`;
    await assert.rejects(owner!`select jobforge.apply_rights()`.execute(), { code: "55P03" });
    await reader!`commit`;
    await owner!`select jobforge.apply_rights()`;
  }));
