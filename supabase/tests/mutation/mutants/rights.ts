import { FORMER_DEFAULT_GRANTS } from "../../pgtap/suite.ts";
import { type Mutant, schema } from "../mutant.ts";

const file = schema("99_rights");
const grants = schema("98_grants");
const REPAIR = "rights/a_repair_restores_every_right.test.sql";
const POLICY = "'using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]))',";
const TABLES = "rights/every_role_has_its_rights_to_tables_and_no_more.test.sql";
const WRITES = "catalog/no_api_role_may_write_a_table.test.sql";
const FUNCTIONS = "rights/every_role_may_call_its_functions_and_no_others.test.sql";

/** Faults in who may do what. */
export const rights: Mutant[] = [
  {
    name: "every tenant sees all rows",
    file,
    find: POLICY,
    replace: "'using (true)',",
    tests: ["rights/members_read_the_rows_of_their_tenant_only.test.sql"],
  },
  {
    name: "who has no tenant sees all rows",
    file,
    find: POLICY,
    replace: `'using (tenant_id = any ((select jobforge.tenant_ids())::uuid[])
        or (select cardinality(jobforge.tenant_ids())) = 0)',`,
    tests: ["rights/users_without_a_tenant_read_nothing.test.sql"],
  },
  {
    name: "a policy opens to the tenant setting",
    file,
    find: POLICY,
    replace: "'using (tenant_id::text = (select current_setting(''app.tenant_id'', true)))',",
    tests: ["rights/the_tenant_setting_is_ignored_with_a_jwt.test.sql"],
  },
  {
    name: "results have no policy",
    file,
    find: "if v_table.lacking then",
    replace: "if v_table.lacking and v_table.policy !~ 'job_results' then",
    tests: [TABLES],
  },
  {
    name: "policies are for every role",
    file,
    find: "for select to authenticated '",
    replace: "for select to public '",
    tests: ["catalog/there_is_one_policy_per_table_operation_and_role.test.sql"],
  },
  {
    name: "attempts have no row level security",
    file,
    find: "if not v_table.relrowsecurity then",
    replace: "if v_table.name <> 'jobforge.unsuccessful_attempts'::regclass then",
    tests: [TABLES],
  },
  {
    name: "an internal table has no row level security",
    file,
    find: "if not v_table.relrowsecurity then",
    replace: "if v_table.name <> 'jobforge.settings'::regclass then",
    tests: ["catalog/every_table_has_row_level_security.test.sql"],
  },
  {
    name: "users read references to secrets",
    file,
    find: "'{secret_refs}'::text[]",
    replace: "'{}'::text[]",
    tests: ["rights/members_see_no_references_to_secrets.test.sql"],
  },
  {
    name: "a function without an audience is for services",
    file,
    find: "if v_unknown is not null then",
    replace: "if false then",
    tests: ["rights/a_function_without_an_audience_is_refused.test.sql"],
  },
  {
    name: "a function with its owner's rights needs no audience",
    file,
    find: "case when named.audience is null and not pg_proc.prosecdef\n        and",
    replace: "case when named.audience is null and",
    tests: ["rights/a_function_without_an_audience_is_refused.test.sql"],
  },
  {
    name: "a public function needs no audience",
    file,
    find:
      "not pg_proc.prosecdef\n        and pg_proc.pronamespace = 'jobforge'::regnamespace then '{}'",
    replace: "not pg_proc.prosecdef then '{}'",
    tests: ["rights/a_function_without_an_audience_is_refused.test.sql"],
  },
  {
    name: "users may act as workers, by the audience",
    file,
    find: "('Workers', '{service_role}'),",
    replace: "('Workers', '{authenticated,service_role}'),",
    tests: [FUNCTIONS],
  },
  granting("users may insert rows", "insert on public.jobforge_jobs to authenticated", WRITES),
  granting("users may delete rows", "delete on public.jobforge_queues to authenticated", TABLES),
  granting("services may update rows", "update on public.jobforge_jobs to service_role", WRITES),
  granting("services may truncate", "truncate on public.jobforge_jobs to service_role", WRITES),
  granting(
    "users may refer to rows",
    "references on public.jobforge_jobs to authenticated",
    WRITES,
  ),
  granting("anonymous callers may read", "select on public.jobforge_queues to anon", TABLES),
  granting("anyone may read", "select on public.jobforge_job_results to public", TABLES),
  granting("services may read runs", "select on jobforge.runs to service_role", TABLES),
  granting(
    "users may update one column",
    "update (max_attempts) on public.jobforge_jobs to authenticated",
    WRITES,
  ),
  granting(
    "services may draw lease tokens",
    "usage on sequence jobforge.lease_tokens to service_role",
    TABLES,
  ),
  granting(
    "users may act as workers",
    "execute on function jobforge.settle_and_claim, public.jobforge_settle_and_claim to authenticated",
    FUNCTIONS,
  ),
  granting(
    "services may call any address",
    "execute on function jobforge.call_worker to service_role",
    FUNCTIONS,
  ),
  granting(
    "users may use the tenant setting",
    "execute on function jobforge.session_tenant to authenticated",
    FUNCTIONS,
  ),
  granting(
    "the internal schema is open to anonymous callers",
    "usage on schema jobforge to anon",
    "catalog/the_internal_schema_is_closed.test.sql",
  ),
  granting(
    "services may make objects in the internal schema",
    "create on schema jobforge to service_role",
    "catalog/the_internal_schema_is_closed.test.sql",
  ),
  granting(
    "users may look into the vault",
    "usage on schema vault to authenticated",
    "catalog/network_cron_and_vault_are_behind_definers.test.sql",
  ),
  adding(
    "a public table stands on no list",
    "create table public.jobforge_notes (tenant_id uuid primary key);",
    TABLES,
  ),
  adding(
    "a view shows what its owner sees",
    "create view public.jobforge_all as select * from public.jobforge_jobs;",
    "catalog/every_view_has_the_callers_rights.test.sql",
  ),
  adding(
    "a function with its owner's rights stands in public",
    `create function public.count_jobs() returns bigint language sql security definer
      set search_path = pg_catalog, pg_temp as 'select count(*) from public.jobforge_jobs';`,
    "catalog/everything_of_ours_bears_our_name.test.sql",
  ),
  adding(
    "users reach the network with their own rights",
    `create function public.jobforge_ping() returns bigint language sql
      set search_path = pg_catalog, pg_temp as $$ select net.http_get('http://127.0.0.1:9/') $$;`,
    "catalog/network_cron_and_vault_are_behind_definers.test.sql",
  ),
  adding(
    "a function runs text",
    `create function jobforge.run(p_text text) returns void language plpgsql
      set search_path = pg_catalog, pg_temp as $$ begin execute p_text; end $$;`,
    "catalog/functions_run_no_text.test.sql",
  ),
  adding(
    "jobs are published",
    "create publication jobforge_tests for table jobforge.jobs;",
    "catalog/no_table_is_published.test.sql",
  ),
  {
    name: "functions stay open to PUBLIC",
    file: grants,
    find: "from public, anon, authenticated, service_role', p_object",
    replace: "from anon, authenticated, service_role', p_object",
    tests: [REPAIR],
  },
  {
    name: "the former default grants are kept",
    file: grants,
    find: "from public, anon, authenticated, service_role', p_object",
    replace: "from public', p_object",
    tests: [TABLES],
    before: FORMER_DEFAULT_GRANTS,
  },
  {
    name: "a repair keeps grants beyond those that are wanted",
    file: grants,
    find: " and p_present <@ p_wanted",
    replace: "",
    tests: [REPAIR],
  },
  {
    name: "a repair keeps an option to grant",
    file: grants,
    find: "case when acl.is_grantable then",
    replace: "case when false then",
    tests: [REPAIR],
  },
  {
    name: "a repair replaces grants that are right",
    file: grants,
    find: "if p_present @> p_wanted and p_present <@ p_wanted then",
    replace: "if false then",
    tests: ["supabase/tests/concurrency/rights_test.ts"],
  },
  {
    name: "a repair keeps a policy that shows every row",
    file,
    find: "and replace(pg_get_expr(pg_policy.polqual, pg_policy.polrelid), ' ', '')\n            =",
    replace: "and replace('', ' ', '')\n            <>",
    tests: [REPAIR],
  },
  {
    name: "a repair keeps a policy for every role",
    file,
    find: "and pg_policy.polroles = array['authenticated'::regrole::oid]",
    replace: "",
    tests: [REPAIR],
  },
  {
    name: "a repair replaces policies that are right",
    file,
    find: "if v_table.lacking then",
    replace: "if v_table.policy ~ 'jobforge_queues' then",
    tests: ["supabase/tests/concurrency/rights_test.ts"],
  },
  {
    name: "the former default grants to a sequence are kept",
    file,
    find: "pg_class.relkind in ('r', 'p', 'v', 'S')",
    replace: "pg_class.relkind in ('r', 'p', 'v')",
    tests: [TABLES],
    before: FORMER_DEFAULT_GRANTS,
  },
];

/** One right too many. */
function granting(name: string, grant: string, test: string): Mutant {
  return adding(name, `grant ${grant};`, test);
}

/** One statement too many, after the rights were set. */
function adding(name: string, statement: string, test: string): Mutant {
  const find = "select jobforge.apply_rights();";
  return { name, file, find, replace: `${find}\n${statement}`, tests: [test] };
}
