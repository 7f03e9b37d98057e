import { join } from "node:path";
import { bootstrapHashOfFiles, prepareDatabase, textHash } from "../postgres/bootstrap.ts";
import { connect, type Sql, withDatabaseName } from "../postgres/database.ts";
import { migrate, type MigrationSources } from "../postgres/migrate.ts";
import { startCluster } from "../postgres/postgres.ts";
import { PROJECT_ROOT, projectFiles } from "../project.ts";
import { folderKey, makePrivateDirectory, postgresAccount, temporaryRoot } from "../system.ts";

/** A fresh, migrated database for one test. */
export interface TestDatabase {
  name: string;
  /** Connection URL of the role `postgres`. */
  url: string;
  /** Connection URL of a superuser. */
  adminUrl: string;
  /** Password of `postgres`, `authenticator` and `supabase_auth_admin`. */
  password: string;
  /** A connection as `postgres`, closed by `drop()`. */
  sql: Sql;
  /** Opens `count` (at most 100) separate connections as `postgres`, closed by `drop()`. */
  open(count: number): Promise<Sql[]>;
  /** Connection URL of another role that logs in. */
  urlFor(role: string): string;
  /** Closes the connections and drops the database. */
  drop(): Promise<void>;
}

/** What a test database is made from. */
export interface TestDatabaseOptions {
  /** Default: supabase/migrations of this project, without the seed. */
  sources?: MigrationSources;
  /** The folder with the programs of another Postgres than the one this process tests. */
  bin?: string | undefined;
  /** The ICU locale of the database's collation, in place of C. */
  icuLocale?: string | undefined;
}

const MAX_OPENED = 100;

/**
 * Makes a database by copying a template of bootstrap and migrations. The cluster is started once
 * per process (all test files together) and ends with it; `JOBFORGE_TEST_SERVER` can name a
 * superuser's URL of another server instead.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const sources = options.sources ?? { migrations: projectFiles(PROJECT_ROOT).migrations };
  const server = await testServer(options.bin);
  const admin = connect(withDatabaseName(server.adminUrl, "template1"));
  try {
    const template = await ensureTemplate(admin, server, sources, options.icuLocale);
    const name = `jobforge_test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    await admin.unsafe(`create database ${name} template ${template} owner postgres`);
    await copyDatabaseRights(admin, template, name);
    return testDatabase(server, name);
  } finally {
    await admin.end();
  }
}

/** Runs `use` with a fresh database, which is dropped in any case. */
export async function withDatabase<T>(
  use: (database: TestDatabase) => Promise<T>,
  options: TestDatabaseOptions = {},
): Promise<T> {
  const database = await createTestDatabase(options);
  try {
    return await use(database);
  } finally {
    await database.drop();
  }
}

interface Server {
  adminUrl: string;
  password: string;
}

function testDatabase(server: Server, name: string): TestDatabase {
  const { password } = server;
  const adminUrl = withDatabaseName(server.adminUrl, name);
  const urlFor = (user: string) => withDatabaseName(adminUrl, name, { user, password });
  const sql = connect(urlFor("postgres"));
  const opened: Sql[] = [sql];
  return {
    name,
    adminUrl,
    password,
    url: urlFor("postgres"),
    sql,
    urlFor,
    async open(count) {
      if (count > MAX_OPENED) throw new RangeError(`at most ${MAX_OPENED} connections`);
      const connections = Array.from({ length: count }, () => connect(urlFor("postgres")));
      opened.push(...connections);
      await Promise.all(connections.map((connection) => connection`select 1`));
      return connections;
    },
    async drop() {
      await Promise.all(opened.map((connection) => connection.end({ timeout: 1 })));
      const admin = connect(withDatabaseName(server.adminUrl, "template1"));
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

const knownServers = new Map<string | undefined, Promise<Server>>();

function testServer(bin: string | undefined): Promise<Server> {
  const attached = Deno.env.get("JOBFORGE_TEST_SERVER");
  if (attached && bin === undefined) {
    return Promise.resolve({ adminUrl: attached, password: new URL(attached).password });
  }
  const server = knownServers.get(bin) ?? sharedCluster(bin);
  knownServers.set(bin, server);
  return server;
}

/** Test files run in isolates that share nothing but the process, so they meet in a folder. */
async function sharedCluster(bin: string | undefined): Promise<Server> {
  const account = await postgresAccount();
  const key = bin === undefined ? `${Deno.pid}` : `${Deno.pid}-${await folderKey(bin)}`;
  const root = join(await temporaryRoot(account), `jobforge-test-${key}`);
  await makePrivateDirectory(root, account);
  const lock = await Deno.open(join(root, "lock"), { create: true, write: true });
  await lock.lock(true);
  try {
    return await findServer(root) ?? await startServer(root, bin);
  } finally {
    lock.close();
  }
}

/** Undefined also when the file is a leftover of an earlier process with the same id. */
async function findServer(root: string): Promise<Server | undefined> {
  const text = await Deno.readTextFile(join(root, "server.json")).catch(() => undefined);
  if (text === undefined) return undefined;
  const server: Server = JSON.parse(text);
  const sql = connect(server.adminUrl);
  try {
    await sql`select 1`;
    return server;
  } catch {
    return undefined;
  } finally {
    await sql.end();
  }
}

async function startServer(root: string, bin: string | undefined): Promise<Server> {
  const password = crypto.randomUUID();
  const { adminUrl } = await startCluster({
    directory: join(root, `cluster-${crypto.randomUUID().slice(0, 8)}`),
    removeAfterwards: root,
    password,
    port: 0,
    durable: false,
    shared: true,
    bin,
  });
  const server: Server = { adminUrl, password };
  await Deno.writeTextFile(join(root, "server.json"), JSON.stringify(server), { mode: 0o600 });
  return server;
}

async function ensureTemplate(
  admin: Sql,
  server: Server,
  sources: MigrationSources,
  icuLocale?: string,
): Promise<string> {
  const hash = await textHash(`${await sourcesHash(sources)} ${icuLocale}`);
  const template = `jobforge_template_${hash.slice(0, 12)}`;
  await admin`select pg_advisory_lock(hashtext('jobforge_template'))`;
  const [found] = await admin`select from pg_database where datname = ${template}`;
  if (!found) {
    const partial = `${template}_partial`;
    await admin.unsafe(`drop database if exists ${partial} with (force)`);
    await prepareDatabase(server.adminUrl, partial, server.password, icuLocale);
    const login = { user: "postgres", password: server.password };
    await migrate(withDatabaseName(server.adminUrl, partial, login), sources);
    await admin.unsafe(`alter database ${partial} rename to ${template}`);
  }
  return template;
}

async function sourcesHash({ migrations, seed }: MigrationSources): Promise<string> {
  const folder = migrations ?? "";
  const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const paths = files.map((file) => join(folder, file.name)).sort();
  if (seed) paths.push(...[seed].flat());
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path).catch(() => "")));
  return await textHash([await bootstrapHashOfFiles(), ...paths, ...texts].join("\n"));
}

/** `create database ... template` copies neither the rights nor the settings of the database. */
async function copyDatabaseRights(admin: Sql, from: string, to: string): Promise<void> {
  await admin`
    update pg_database
    set datacl = (select datacl from pg_database where datname = ${from})
    where datname = ${to}
  `;
  await admin`
    insert into pg_db_role_setting (setdatabase, setrole, setconfig)
    select new.oid, setrole, setconfig
    from pg_db_role_setting
    join pg_database old on old.oid = setdatabase and old.datname = ${from}
    join pg_database new on new.datname = ${to}
  `;
}
