import { App } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { StackError } from "../errors.ts";
import { connect, type Sql, withDatabaseName } from "./database.ts";

/** Roles that log in. All get the same password, which is made for one cluster. */
const LOGIN_ROLES = ["postgres", "authenticator", "supabase_auth_admin"];

/**
 * Makes `database` like a fresh Supabase project, or checks that it already is.
 * `adminUrl` belongs to a superuser. The new roles that log in get `password`. The collation is
 * that of the cluster, or of `icuLocale`.
 * Throws DATA_OUTDATED if the database was made by an older bootstrap.
 */
export async function prepareDatabase(
  adminUrl: string,
  database: string,
  password: string,
  icuLocale?: string,
): Promise<void> {
  const locale = icuLocale ? ` locale_provider icu icu_locale '${icuLocale}'` : "";
  const bootstrap = await loadBootstrap();
  const admin = connect(withDatabaseName(adminUrl, "template1"));
  try {
    const found = await bootstrapHash(adminUrl, admin, database);
    if (found === bootstrap.hash) return await setPasswords(admin, password);
    if (found !== undefined) throw outdated(database);
    const partial = `${database}_${crypto.randomUUID().slice(0, 8)}`;
    await admin.unsafe(bootstrap.roles);
    await setPasswords(admin, password);
    await admin.unsafe(`create database ${partial} owner postgres template template0${locale}`);
    await fill(withDatabaseName(adminUrl, partial), bootstrap);
    await admin.unsafe(`drop database if exists ${database}`);
    await admin.unsafe(`alter database ${partial} rename to ${database}`);
    await grantOnDatabase(admin, database);
  } finally {
    await admin.end();
  }
}

const BEFORE_AUTH = ["02_schemas", "03_cron", "04_net", "05_vault", "07_realtime"];

interface Bootstrap {
  hash: string;
  roles: string;
  beforeAuth: string[];
  afterAuth: string;
}

async function loadBootstrap(): Promise<Bootstrap> {
  const read = (name: string) =>
    Deno.readTextFile(new URL(`./bootstrap/${name}.sql`, import.meta.url));
  const roles = await read("01_roles");
  const beforeAuth = await Promise.all(BEFORE_AUTH.map(read));
  const afterAuth = await read("06_auth");
  const hash = await textHash([roles, ...beforeAuth, afterAuth].join("\n"));
  return { hash, roles, beforeAuth, afterAuth };
}

/** Undefined for a database that is missing or empty. */
async function bootstrapHash(
  adminUrl: string,
  admin: Sql,
  database: string,
): Promise<string | undefined> {
  const [row] = await admin`select from pg_database where datname = ${database}`;
  if (!row) return undefined;
  const sql = connect(withDatabaseName(adminUrl, database));
  try {
    const [marker] = await sql`select to_regclass('jobforge_local.bootstrap') is not null as made`;
    if (marker?.made) {
      return (await sql`select text_hash from jobforge_local.bootstrap`)[0]?.text_hash;
    }
    const [content] = await sql`
      select exists (
        select from pg_class
        where relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          and relkind = 'r' and relnamespace::regnamespace::text !~ '^pg_'
      ) as used
    `;
    if (content?.used) throw foreign(database);
    return undefined;
  } finally {
    await sql.end();
  }
}

async function fill(url: string, bootstrap: Bootstrap): Promise<void> {
  const sql = connect(url);
  try {
    for (const text of bootstrap.beforeAuth) await sql.unsafe(text);
    await makeAuthTables(url);
    await sql.unsafe(bootstrap.afterAuth);
    await sql`insert into jobforge_local.bootstrap (text_hash) values (${bootstrap.hash})`;
  } finally {
    await sql.end();
  }
}

async function makeAuthTables(url: string): Promise<void> {
  const connection = new PostgresConnection({ url, postgresOptions: { max: 1, onnotice() {} } });
  try {
    await new App({ connection, auth: { enabled: true }, storage: { enabled: false } })
      .ensureSystemSchema();
  } finally {
    await connection.close();
  }
}

/** A superuser called postgres (an attached server) keeps its password. */
async function setPasswords(admin: Sql, password: string): Promise<void> {
  const roles = await admin<{ rolname: string }[]>`
    select rolname from pg_roles where rolname in ${admin(LOGIN_ROLES)} and not rolsuper
  `;
  for (const { rolname } of roles) {
    await admin.unsafe(`alter role ${rolname} password '${password.replaceAll("'", "''")}'`);
  }
}

/** Identifies the text of the bootstrap. */
export async function bootstrapHashOfFiles(): Promise<string> {
  return (await loadBootstrap()).hash;
}

/** `create schema if not exists`, which Auth runs, needs this right even if the schema exists. */
async function grantOnDatabase(admin: Sql, database: string): Promise<void> {
  await admin.unsafe(`grant create on database ${database} to supabase_auth_admin`);
}

/** SHA-256 of a text, in hex. */
export async function textHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function outdated(database: string): StackError {
  return new StackError(
    "DATA_OUTDATED",
    `The database ${database} was made by another version of local/postgres/bootstrap.`,
    "Start over with `deno task reset` (deletes the local data).",
  );
}

function foreign(database: string): StackError {
  return new StackError(
    "DATA_OUTDATED",
    `The database ${database} exists and was not made by this stack.`,
    "Name another database: this one is left alone.",
  );
}
