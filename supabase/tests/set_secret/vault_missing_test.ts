import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { migrate } from "../../../local/postgres/migrate.ts";
import {
  type TestDatabase,
  type TestDatabaseOptions,
  withDatabase,
} from "../../../local/test/test_database.ts";

const MIGRATIONS = new URL("../../migrations", import.meta.url).pathname;
const ACME = "6c84fb90-12c4-41e1-840d-7b25c5ee775a";
const ENV_REF = "env:JOBFORGE_SECRET_6C84FB9012C441E1840D7B25C5EE775A_HOOK";

async function withoutVault(
  use: (database: TestDatabase) => Promise<void>,
  options: TestDatabaseOptions = {},
): Promise<void> {
  await withDatabase(async (database) => {
    const admin = connect(database.adminUrl);
    await admin.unsafe("drop schema vault cascade");
    await admin.end();
    await use(database);
  }, options);
}

async function openEndpoint(sql: Sql, refs: string[]): Promise<unknown> {
  const config = { scheme: "stripe", job_type: "stripe.event" };
  await sql`
    select jobforge_configure_connector(
      ${ACME}, 'webhook-verify', 'default', ${sql.json(config)}, ${refs})
  `;
  const [row] =
    await sql`select jobforge_open_connector(${ACME}, 'webhook-verify', 'default') as o`;
  return row!.o.secrets;
}

Deno.test("the migrations apply without Vault", async () => {
  await withoutVault(async ({ sql, url }) => {
    const applied = await migrate(url, { migrations: MIGRATIONS });
    assert.ok(applied.length > 0);
    assert.deepEqual(await openEndpoint(sql, [ENV_REF]), [{ ref: ENV_REF }]);
  }, { sources: { migrations: new URL("./none", import.meta.url).pathname } });
});

Deno.test("without Vault no secret is set, and env: references go on working", async () => {
  await withoutVault(async ({ sql }) => {
    const missing = { code: "PT501", detail: "extension_missing" };
    await assert.rejects(sql`select jobforge_set_secret(${ACME}, 'hook', 'v')`, missing);
    assert.deepEqual(await openEndpoint(sql, ["vault:hook", ENV_REF]), [{ ref: ENV_REF }]);
    await sql`call jobforge.maintain()`;
  });
});

Deno.test("a secret whose Vault is gone is said to be so, and can be revoked", async () => {
  await withDatabase(async ({ sql, adminUrl }) => {
    await sql`select jobforge_set_secret(${ACME}, 'hook', 'v')`;
    const admin = connect(adminUrl);
    await admin.unsafe("drop schema vault cascade");
    await admin.end();
    const missing = { code: "PT501", detail: "extension_missing" };
    await assert.rejects(openEndpoint(sql, ["vault:hook"]), missing);
    await assert.rejects(
      sql`select jobforge_rotate_secret(${ACME}, 'hook', ${"w".repeat(32)})`,
      missing,
    );
    assert.equal((await sql`select * from jobforge_revoke_secret(${ACME}, 'hook')`).length, 0);
    assert.deepEqual(await openEndpoint(sql, ["vault:hook"]), []);
  });
});
