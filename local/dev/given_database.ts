import { StackError } from "../errors.ts";
import { prepareDatabase } from "../postgres/bootstrap.ts";
import { connect, withDatabaseName } from "../postgres/database.ts";
import { databaseUrlOf } from "../stack/stack_database.ts";
import type { AttachedDatabase } from "../stack/stack_database.ts";

/**
 * Makes a database on a running server like a fresh Supabase project, unless an earlier start did.
 * `text` is the URL of a superuser. Roles that log in get its password. Throws DATABASE_UNSUITABLE
 * for a server that it cannot use, and DATA_OUTDATED for a database that others made.
 */
export async function openGivenServer(text: string): Promise<AttachedDatabase> {
  const url = parsed(text);
  const name = url.pathname.slice(1);
  const password = decodeURIComponent(url.password);
  const sql = connect(withDatabaseName(text, "template1"));
  try {
    const [role] = await sql`select rolsuper from pg_roles where rolname = current_user`;
    if (!role!.rolsuper) {
      throw unsuitable(
        `${decodeURIComponent(url.username)} is no superuser.`,
        "Use the URL of a superuser. On the server of `supabase start` that is supabase_admin.",
      );
    }
    await requirePassword(text, password, await existingRoles(sql));
  } catch (thrown) {
    if (thrown instanceof StackError) throw thrown;
    const { code, message } = thrown as { code?: string; message: string };
    throw unsuitable(
      `It cannot be reached (${code ?? message}).`,
      "Check its host, port and login.",
    );
  } finally {
    await sql.end();
  }
  await prepareDatabase(text, name, password);
  return { adminUrl: text, password };
}

function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url && /^postgres(ql)?:$/.test(url.protocol) && /^\/[a-z_][a-z0-9_]{0,50}$/.test(url.pathname)
  ) {
    return url;
  }
  throw unsuitable(
    "It must be postgresql://<superuser>:<password>@<host>:<port>/<database>.",
    "Name a database that does not exist yet, in lower case, such as my_app_dev. It is created.",
  );
}

async function existingRoles(sql: ReturnType<typeof connect>): Promise<string[]> {
  const rows = await sql<{ rolname: string }[]>`
    select rolname from pg_roles where rolname in ('authenticator', 'supabase_auth_admin')`;
  return rows.map(({ rolname }) => rolname);
}

/** Another password would be overwritten, and what uses the role would stop. */
async function requirePassword(text: string, password: string, roles: string[]): Promise<void> {
  for (const role of roles) {
    const sql = connect(withDatabaseName(databaseUrlOf(text, role, password), "template1"));
    try {
      await sql`select`;
    } catch {
      throw unsuitable(
        `Its role ${role} has another password than the URL.`,
        "Use a server whose roles have one password, as those of `supabase start`, or a new server.",
      );
    } finally {
      await sql.end();
    }
  }
}

function unsuitable(problem: string, hint: string): StackError {
  return new StackError(
    "DATABASE_UNSUITABLE",
    `The database of --db cannot be used. ${problem}`,
    hint,
  );
}
