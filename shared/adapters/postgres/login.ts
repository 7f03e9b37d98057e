import type { Sql } from "postgres";
import { JobForgeError } from "../../core/errors.ts";

/** The role that workers act as, the same as behind a secret key. */
export const SERVICE_ROLE = "service_role";

interface Login {
  login: string;
  is_owner: boolean;
  is_service: boolean;
}

/**
 * Throws a JobForgeError unless the connection logs in as a role that may act as service_role and has
 * no right of JobForge's owner.
 */
export async function checkLogin(sql: Sql): Promise<void> {
  const [found] = await sql<Login[]>`
    select session_user as login, pg_has_role(session_user, n.nspowner, 'member') as is_owner,
      pg_has_role(session_user, ${SERVICE_ROLE}::name, 'member') as is_service
    from pg_catalog.pg_namespace as n where n.nspname = 'jobforge'
  `;
  if (!found) throw new JobForgeError("not_found", "the database of DATABASE_URL has no JobForge");
  const { login, is_owner, is_service } = found;
  // Also true for every superuser.
  if (is_owner) {
    const problem = `DATABASE_URL logs in as ${login}, which has the rights of JobForge's owner`;
    throw new JobForgeError("forbidden", `${problem}. ${REMEDY}`);
  }
  if (!is_service) {
    const problem = `DATABASE_URL logs in as ${login}, which is no member of ${SERVICE_ROLE}`;
    throw new JobForgeError("forbidden", `${problem}. ${REMEDY}`);
  }
}

const REMEDY = "Log in as a role of its own: create role jobforge_worker login noinherit " +
  "password '…'; grant service_role to jobforge_worker;";
