import { join } from "node:path";
import { StackError } from "../errors.ts";
import { generateKeys, loadKeys, type ProjectKeys } from "../keys.ts";
import { prepareDatabase } from "../postgres/bootstrap.ts";
import { withDatabaseName } from "../postgres/database.ts";
import { migrate, type MigrationSources } from "../postgres/migrate.ts";
import { startCluster } from "../postgres/postgres.ts";
import { folderKey, isReachable, makePrivateDirectory, postgresAccount } from "../system.ts";
import { createTestDatabase } from "../test/test_database.ts";
import type { Cleanup } from "./cleanup.ts";

/** A database that exists already. */
export interface AttachedDatabase {
  /** URL of a superuser. */
  adminUrl: string;
  /** Password of `postgres`, `authenticator` and `supabase_auth_admin`. */
  password: string;
  /** Keys to go on with, default new ones. */
  keys?: ProjectKeys;
}

/** The database of a stack, migrated, and the keys that go with it. */
export interface StackDatabase {
  adminUrl: string;
  keys: ProjectKeys;
}

const DATABASE = "postgres";

/**
 * Opens the data kept in `directory`, making it on the first start, for this process only.
 * Throws ALREADY_RUNNING if another stack runs on it, and what the parts throw.
 */
export async function openKeptDatabase(
  directory: string,
  port: number,
  sources: MigrationSources,
  cleanup: Cleanup,
): Promise<StackDatabase> {
  await makePrivateDirectory(directory, undefined);
  await claim(directory, cleanup);
  const keys = await loadKeys(join(directory, "keys.json"));
  const cluster = await startCluster({
    directory: await clusterDirectory(directory),
    password: keys.databasePassword,
    port,
    durable: true,
  });
  cleanup.add(() => cluster.stop());
  await prepareDatabase(cluster.adminUrl, DATABASE, keys.databasePassword);
  await migrate(databaseUrlOf(cluster.adminUrl, "postgres", keys.databasePassword), sources);
  return { adminUrl: cluster.adminUrl, keys };
}

/** Opens a database of another server, with the keys kept in `directory`, for this process only. */
export async function openGivenDatabase(
  directory: string,
  { adminUrl, password }: AttachedDatabase,
  sources: MigrationSources,
  cleanup: Cleanup,
): Promise<StackDatabase> {
  await makePrivateDirectory(directory, undefined);
  await claim(directory, cleanup);
  const keys = await loadKeys(join(directory, "keys.json"));
  await migrate(databaseUrlOf(adminUrl, "postgres", password), sources);
  return { adminUrl, keys: { ...keys, databasePassword: password } };
}

/** Makes a database that is dropped at the end, or takes the one given and leaves it there. */
export async function openTemporaryDatabase(
  attached: AttachedDatabase | undefined,
  sources: MigrationSources,
  cleanup: Cleanup,
): Promise<StackDatabase> {
  const database = attached ?? await temporary(sources, cleanup);
  const keys = { ...generateKeys(), ...database.keys, databasePassword: database.password };
  return { adminUrl: database.adminUrl, keys };
}

async function temporary(sources: MigrationSources, cleanup: Cleanup): Promise<AttachedDatabase> {
  const database = await createTestDatabase({ sources });
  cleanup.add(() => database.drop());
  return database;
}

/** The URL of the same database for another role. */
export function databaseUrlOf(adminUrl: string, user: string, password: string): string {
  const database = new URL(adminUrl).pathname.slice(1);
  return withDatabaseName(adminUrl, database, { user, password });
}

/**
 * Where the cluster of `directory` is: inside, or, when Postgres' account cannot reach that (root
 * with a project below /root), in a system folder.
 */
export async function clusterDirectory(directory: string): Promise<string> {
  const inside = join(directory, "postgres");
  const account = await postgresAccount();
  if (!account) return inside;
  // The folder itself is ours to open. Only what is above it may stand in the way.
  await Deno.chmod(directory, 0o711).catch(() => {});
  if (await isReachable(directory)) return inside;
  return join("/var/lib/jobforge", await folderKey(directory));
}

/** Takes the folder for this process: a lock on a file ends with its process, however it ends. */
async function claim(directory: string, cleanup: Cleanup): Promise<void> {
  const file = await Deno.open(lockFile(directory), { create: true, write: true, read: true });
  if (!await file.tryLock(true)) {
    file.close();
    throw alreadyRunning(directory);
  }
  await Deno.writeTextFile(lockFile(directory), String(Deno.pid));
  cleanup.add(() => Promise.resolve(file.close()));
}

/** The id of the process that runs a stack on `directory`, undefined if none does. */
export async function runningStack(directory: string): Promise<number | undefined> {
  const file = await Deno.open(lockFile(directory), { read: true, write: true }).catch(() => {});
  if (!file) return undefined;
  const isFree = await file.tryLock(true);
  file.close();
  return isFree ? undefined : Number(await Deno.readTextFile(lockFile(directory)));
}

function lockFile(directory: string): string {
  return join(directory, "lock");
}

function alreadyRunning(directory: string): StackError {
  return new StackError(
    "ALREADY_RUNNING",
    `A stack already runs on the data in ${directory}.`,
    "Use that one, or stop it with Ctrl-C in its terminal.",
  );
}
