import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { settleAndClaim, startRun } from "./actors.ts";

const SECRET = "s".repeat(32);
const SIGNING = `whsec_${btoa(SECRET)}`;

/** The transaction of a tenant that stays open while others act. */
async function whileOpen(
  use: (parts: { sql: Sql; holder: Sql; tenantId: string }) => Promise<void>,
): Promise<void> {
  await withDatabase(async ({ sql, open }) => {
    const [holder] = await open(1);
    const tenantId = crypto.randomUUID();
    await sql`select from jobforge_configure_queue(${tenantId})`;
    await sql`set statement_timeout = '5s'`;
    await use({ sql, holder: holder!, tenantId });
    await holder!`rollback`;
  });
}

const busy = { code: "PT409", detail: "busy" };

Deno.test("a bulk cancellation waits a second for an open one of the same running job", () =>
  whileOpen(async ({ sql, holder, tenantId }) => {
    const [job] = await sql`select job_id from jobforge_enqueue_job(${tenantId}, 'test')`;
    await settleAndClaim(sql, await startRun(sql), [], 10);
    await holder`begin`;
    await holder`select from jobforge_cancel_job(${job!.job_id}, ${tenantId})`;
    const cancel = sql`
      select jobforge_cancel_jobs(${tenantId}, '{"status": "running"}', p_dry_run => false)`;
    await assert.rejects(cancel, busy);
  }));

Deno.test("a change of secrets or connectors waits a second for an open one of the tenant", () =>
  whileOpen(async ({ sql, holder, tenantId }) => {
    await holder`begin`;
    await holder`select from jobforge_set_secret(${tenantId}, 'one', ${SECRET})`;
    await assert.rejects(sql`select from jobforge_set_secret(${tenantId}, 'two', ${SECRET})`, busy);
    const configure = sql`
      select jobforge_configure_connector(${tenantId}, 'connector.http.request', 'default',
        '{"hosts": ["api.example.com"]}')`;
    await assert.rejects(configure, busy);
  }));

Deno.test("an operator waits a second at most for a user who pauses a destination", () =>
  whileOpen(async ({ sql, holder, tenantId }) => {
    await sql`select from jobforge_set_secret(${tenantId}, 'one', ${SIGNING})`;
    const settings = { url: "https://hooks.example.com/in", secret: "one" };
    await sql`select jobforge_configure_destination(${tenantId}, 'orders', ${sql.json(settings)})`;
    await holder`begin`;
    await holder`select jobforge_configure_destination(${tenantId}, 'orders', '{"paused": true}')`;
    const remove = sql`
      select jobforge_delete_connector(${tenantId}, 'connector.webhook.deliver', 'orders')`;
    await assert.rejects(remove, busy);
    await sql`
      select jobforge_configure_connector(${tenantId}, 'connector.webhook.deliver', 'orders',
        '{"url": "https://hooks.example.com/other"}', '{vault:one}')`;
    await sql`
      select jobforge_configure_destination(${tenantId}, 'orders', '{"timeout_ms": 4000}')`;
  }));

Deno.test("an operator waits a second at most for another one's change of a connector", () =>
  whileOpen(async ({ sql, holder, tenantId }) => {
    const configure = (by: Sql) =>
      by`
        select jobforge_configure_connector(${tenantId}, 'connector.http.request', 'default',
          '{"hosts": ["api.example.com"]}')`;
    const remove = (by: Sql) =>
      by`select jobforge_delete_connector(${tenantId}, 'connector.http.request', 'default')`;
    await configure(sql);
    await holder`begin`;
    await remove(holder);
    await assert.rejects(remove(sql), busy);
    await assert.rejects(configure(sql), busy);
  }));

Deno.test("maintenance deletes the expired secrets of others beside an open change of secrets", () =>
  whileOpen(async ({ sql, holder, tenantId }) => {
    const other = crypto.randomUUID();
    for (const tenant of [tenantId, other]) {
      await sql`select from jobforge_set_secret(${tenant}, 'one', ${SECRET})`;
    }
    await sql`update jobforge.secrets set expires_at = now() - interval '1 minute'`;
    await holder`begin`;
    await holder`select from jobforge_set_secret(${tenantId}, 'two', ${SECRET})`;
    await sql`select jobforge.prune_connectors(now(), 5000)`;
    const left = await sql`select tenant_id from jobforge.secrets where vault_id is not null`;
    assert.deepEqual(left.map(({ tenant_id }) => tenant_id), [tenantId]);
  }));
