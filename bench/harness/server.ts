import { cp } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Sql, withDatabaseName } from "../../local/postgres/database.ts";
import { type Cluster, startCluster } from "../../local/postgres/postgres.ts";
import { PROJECT_ROOT, projectFiles } from "../../local/project.ts";
import { makePrivateDirectory, postgresAccount, temporaryRoot } from "../../local/system.ts";

/** A durable Postgres for one bench, and its databases. */
export interface Server {
  adminUrl: string;
  version: string;
  /** A copy of the migrations, so that all groups measure the same after an edit. */
  migrations: string;
  /** Makes an empty database and answers with the URL of a superuser for it. */
  makeDatabase(name: string): Promise<string>;
  /** Where the superuser's statements go. */
  admin: Sql;
  stop(): Promise<void>;
}

// Like a small hosted project: logical decoding is on there, and no checkpoint falls into a round.
const SETTINGS = {
  wal_level: "logical",
  shared_buffers: "256MB",
  effective_cache_size: "768MB",
  max_wal_size: "4GB",
  random_page_cost: "1.1",
};

/**
 * Starts Postgres with fsync and synchronous_commit on, in a folder that is removed at the end.
 * The databases of JobForge are made by local/test/test_database.ts on this server.
 */
export async function startServer(): Promise<Server> {
  const account = await postgresAccount();
  const root = join(await temporaryRoot(account), `jobforge-bench-${Deno.pid}`);
  await makePrivateDirectory(root, account);
  const migrations = join(root, "migrations");
  await makePrivateDirectory(migrations, account);
  await cp(projectFiles(PROJECT_ROOT).migrations, migrations, { recursive: true });
  const cluster = await startConfigured(root);
  const admin = connect(cluster.adminUrl);
  await requireDurable(admin);
  Deno.env.set("JOBFORGE_TEST_SERVER", cluster.adminUrl);
  const [row] = await admin`select current_setting('server_version') as version`;
  return {
    adminUrl: cluster.adminUrl,
    version: String(row?.version),
    migrations,
    admin,
    async makeDatabase(name) {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.unsafe(`create database ${name}`);
      return withDatabaseName(cluster.adminUrl, name);
    },
    async stop() {
      await admin.end();
      await cluster.stop();
    },
  };
}

/** Settings that need a start of their own are written by a first start. */
async function startConfigured(root: string): Promise<Cluster> {
  const options = {
    directory: join(root, "cluster"),
    password: crypto.randomUUID(),
    port: 0,
    durable: true,
  };
  const first = await startCluster(options);
  const admin = connect(first.adminUrl);
  for (const [name, value] of Object.entries(SETTINGS)) {
    await admin.unsafe(`alter system set ${name} = '${value}'`);
  }
  await admin.end();
  await first.stop();
  return await startCluster({ ...options, removeAfterwards: root });
}

async function requireDurable(admin: Sql): Promise<void> {
  const rows = await admin<{ name: string; setting: string }[]>`
    select name, setting from pg_settings
    where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'
  `;
  if (rows.length > 0) throw new Error(`not durable: ${rows.map(({ name }) => name).join(", ")}`);
}
