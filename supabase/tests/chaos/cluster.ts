import { join } from "node:path";
import { prepareDatabase } from "../../../local/postgres/bootstrap.ts";
import { databaseUrl } from "../../../local/postgres/database.ts";
import { migrate } from "../../../local/postgres/migrate.ts";
import { type Cluster, startCluster } from "../../../local/postgres/postgres.ts";
import { PROJECT_ROOT, projectFiles } from "../../../local/project.ts";
import { databaseUrlOf } from "../../../local/stack/stack_database.ts";
import { delay, isAlive, postgresAccount, temporaryRoot } from "../../../local/system.ts";

/** A durable Postgres of our own, which can be made to crash. */
export interface CrashableCluster {
  adminUrl: string;
  password: string;
  /**
   * Ends every process of the server without a checkpoint, and starts it: it has to recover.
   * `meanwhile` is called while it is down.
   */
  crash(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a migrated database that writes through to the disk, as a hosted one does. */
export async function startCrashableCluster(): Promise<CrashableCluster> {
  const root = await temporaryRoot(await postgresAccount());
  const directory = join(root, `jobforge-chaos-${crypto.randomUUID().slice(0, 8)}`);
  const password = crypto.randomUUID();
  const start = (port: number) => startCluster({ directory, password, port, durable: true });
  let cluster: Cluster = await start(0);
  const { port } = cluster;
  const adminUrl = databaseUrl({ user: "supabase_admin", password, port });
  await prepareDatabase(adminUrl, "postgres", password);
  const sources = { migrations: projectFiles(PROJECT_ROOT).migrations };
  await migrate(databaseUrlOf(adminUrl, "postgres", password), sources);
  return {
    ...{ adminUrl, password },
    async crash(meanwhile) {
      const pidFile = join(directory, "data", "postmaster.pid");
      const pid = parseInt(await Deno.readTextFile(pidFile));
      // What `pg_ctl stop -m immediate` sends.
      Deno.kill(pid, "SIGQUIT");
      while (await isAlive(pid)) await delay(20);
      await Promise.all([cluster.stop(), meanwhile()]);
      cluster = await start(port);
    },
    async stop() {
      await cluster.stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
