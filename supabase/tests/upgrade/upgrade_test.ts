import assert from "node:assert/strict";
import { migrate } from "../../../local/postgres/migrate.ts";
import { PROJECT_ROOT } from "../../../local/project.ts";
import { schemaFolders } from "../../../local/schema/migration.ts";
import { NEXT, withNextRelease } from "../../../local/schema/next_release.ts";
import { readReleases } from "../../../local/schema/release.ts";
import { VERSION } from "../../../shared/core/version.ts";
import { BROKEN, EXPANDED } from "./next_release.ts";
import { onPlace, type Place } from "./place.ts";
import { until, upgradeUnderLoad, whileHeld } from "./upgrade_under_load.ts";

const TOTAL = 300;
const THIS = schemaFolders(PROJECT_ROOT);
const ACME = "11111111-1111-4111-8111-111111111111";

Deno.test("an upgrade under load refuses no call and loses no job", (t) =>
  withNextRelease(
    [EXPANDED],
    ({ folders }) =>
      onPlace({ from: VERSION, to: NEXT, folders }, async (place) => {
        await t.step("the next worker is refused by this schema, and the job waits", async () => {
          await place.deploy(NEXT);
          const job = await enqueue(place);
          await until("a refused run", async () => {
            await place.sql`select jobforge.dispatch()`;
            return (await place.sql`
            select from jobforge.runs where state = 'refused' or answer_status >= 400`).length > 0;
          });
          assert.notEqual(await statusOf(place, job), "succeeded");
          await place.deploy(VERSION);
          await until("the job's end", async () => {
            await place.sql`select jobforge.dispatch()`;
            return await statusOf(place, job) === "succeeded";
          });
        });

        await t.step("a lock that is held for long ends the migration, which changes nothing", () =>
          whileHeld(place, async () => {
            await assert.rejects(
              migrate(place.stack.dbUrl, { migrations: place.migrations }),
              /lock timeout/,
            );
            const [row] = await place.sql`select jobforge.schema_version() as version`;
            assert.equal(row!.version, VERSION);
          }));

        await t.step(
          "the migration, the old worker on the new schema, the new worker",
          async () => {
            const upgraded = await upgradeUnderLoad(place, TOTAL);
            const { jobs, served, ...rest } = upgraded;
            assert.deepEqual(rest, { refused: [], lost: 0, lockTimeouts: 0 });
            assert.ok(jobs >= TOTAL, `${jobs} jobs`);
            assert.deepEqual(served, new Set([VERSION, NEXT]));
            const [row] = await place.sql`
          select jobforge.schema_version() as version, count(*)::int as regional
          from jobforge.runs where worker like '%@north'`;
            assert.equal(row!.version, NEXT);
            assert.ok(row!.regional > 0, "the new signature was called");
          },
        );
      }),
  ));

Deno.test("an expand step that takes a function away is found", () =>
  withNextRelease(
    [BROKEN],
    ({ folders }) =>
      onPlace({ from: VERSION, to: NEXT, folders }, async (place) => {
        const { refused } = await upgradeUnderLoad(place, TOTAL);
        assert.match(refused.join("\n"), /^jobforge_enqueue_jobs: 404 /m);
      }),
  ));

const released = (await readReleases(THIS)).map(({ version }) => version);
const versions = [...new Set([...released, VERSION])];
for (const [index, to] of versions.slice(1).entries()) {
  const from = versions[index]!;
  Deno.test(`an upgrade from ${from} to ${to} under load refuses no call and loses no job`, () =>
    onPlace({ from, to, folders: THIS }, async (place) => {
      const { jobs: _, ...rest } = await upgradeUnderLoad(place, TOTAL);
      const served = new Set([from, to]);
      assert.deepEqual(rest, { refused: [], lost: 0, lockTimeouts: 0, served });
    }));
}

async function enqueue({ sql }: Place): Promise<string> {
  const [row] = await sql`
    select job_id from jobforge_enqueue_job(p_tenant_id => ${ACME}, p_type => 'system.noop')`;
  return row!.job_id;
}

async function statusOf({ sql }: Place, id: string): Promise<string> {
  const [row] = await sql`select status from public.jobforge_jobs where id = ${id}`;
  return row!.status;
}
