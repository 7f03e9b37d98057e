import postgres from "postgres";

/** A connection pool of postgres.js. */
export type Sql = postgres.Sql;

/** Opens a pool, of one connection by default. End it with `sql.end()`. */
export function connect(url: string, options: postgres.Options<Record<never, never>> = {}): Sql {
  return postgres(url, { max: 1, onnotice: () => {}, ...options });
}

/** A connection URL for a server on 127.0.0.1. The database is `postgres` unless named. */
export function databaseUrl(
  parts: { user: string; password: string; port: number; database?: string },
): string {
  const { user, password, port, database = "postgres" } = parts;
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/** The same URL for another database, and optionally another user with another password. */
export function withDatabaseName(
  url: string,
  database: string,
  login?: { user: string; password: string },
): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  if (login) {
    changed.username = login.user;
    changed.password = login.password;
  }
  return changed.href;
}
