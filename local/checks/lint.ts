import assert from "node:assert/strict";
import { prepareDatabase } from "../postgres/bootstrap.ts";
import { connect, withDatabaseName } from "../postgres/database.ts";
import { migrate } from "../postgres/migrate.ts";
import { startCluster } from "../postgres/postgres.ts";
import { PROJECT_ROOT, projectFiles } from "../project.ts";
import { postgresAccount, temporaryRoot } from "../system.ts";
import { supabase } from "./cli.ts";

/** Binaries of a Postgres with the extension plpgsql_check, which the one from npm lacks. */
async function binariesWithChecker(): Promise<string | undefined> {
  const folders = (await Array.fromAsync(Deno.readDir("/usr/lib/postgresql")).catch(() => []))
    .map(({ name }) => `/usr/lib/postgresql/${name}`).sort().reverse();
  for (const folder of folders) {
    const library = await Deno.stat(`${folder}/lib/plpgsql_check.so`).catch(() => undefined);
    if (library?.isFile) return `${folder}/bin`;
  }
  return undefined;
}

/** Runs `use` with a superuser's URL of a migrated database on a server of its own. */
async function withServer(bin: string, use: (url: string) => Promise<void>): Promise<void> {
  const password = crypto.randomUUID();
  const root = await temporaryRoot(await postgresAccount());
  const directory = `${root}/jobforge-lint-${password.slice(0, 8)}`;
  const chosen = Deno.env.get("JOBFORGE_PG_BIN");
  Deno.env.set("JOBFORGE_PG_BIN", bin);
  const cluster = await startCluster({
    ...{ directory, removeAfterwards: directory, password, port: 0, durable: false },
  }).finally(() => {
    if (chosen) Deno.env.set("JOBFORGE_PG_BIN", chosen);
    else Deno.env.delete("JOBFORGE_PG_BIN");
  });
  try {
    await prepareDatabase(cluster.adminUrl, "lint", password);
    const owner = withDatabaseName(cluster.adminUrl, "lint", { user: "postgres", password });
    await migrate(owner, { migrations: projectFiles(PROJECT_ROOT).migrations });
    await use(withDatabaseName(cluster.adminUrl, "lint"));
  } finally {
    await cluster.stop();
  }
}

const bin = await binariesWithChecker();
const name = "supabase db lint finds nothing";

Deno.test({
  name: bin ? name : `${name} (skipped: no Postgres here has plpgsql_check)`,
  ignore: !bin,
  fn: () =>
    withServer(bin!, async (url) => {
      const admin = connect(url);
      await admin`create extension plpgsql_check`.finally(() => admin.end());
      for (const schema of ["jobforge", "public"]) {
        const levels = ["--level", "warning", "--fail-on", "warning"];
        const { code, stdout, stderr } = await supabase(url, "db", "lint", "-s", schema, ...levels);
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout + stderr, /No schema errors found/);
      }
    }),
});
