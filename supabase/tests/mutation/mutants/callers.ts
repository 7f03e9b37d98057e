import { type Mutant, schema } from "../mutant.ts";

const file = schema("10_foundation/callers");
const PINNED = `returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role`;

/** Faults in who a caller is taken for. */
export const callers: Mutant[] = [
  {
    name: "the role claim of a JWT is not checked",
    file,
    find: "v_claims ->> 'role' is distinct from 'authenticated'",
    replace: "false",
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "claims count in any session",
    file,
    find: "or not pg_catalog.pg_has_role(session_user, 'service_role', 'member')",
    replace: "",
    tests: ["supabase/tests/rights/direct_login_test.ts"],
  },
  {
    name: "the tenant comes from user_metadata",
    file,
    find: "'{app_metadata,tenant_id}'",
    replace: "'{user_metadata,tenant_id}'",
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "a list of tenants comes from user_metadata",
    file,
    find: "'{app_metadata,tenant_ids}'",
    replace: "'{user_metadata,tenant_ids}'",
    tests: ["rights/members_of_two_tenants_read_both.test.sql"],
  },
  {
    name: "a tenant may have text behind it",
    file,
    find: "[0-9a-fA-F]{12}$'",
    replace: "[0-9a-fA-F]{12}'",
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "a tenant_id that is a list counts",
    file,
    find: "jsonb_typeof(v_one) <> 'string' or ",
    replace: "",
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "a list of tenants that is none is passed over",
    file,
    find: " or jsonb_typeof(v_many) <> 'array' then",
    replace: " then",
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "claims that cannot be read raise an error",
    file,
    find: "exception when others then\n    -- Also",
    replace: "exception when invalid_text_representation then\n    -- Also",
    tests: [
      "rights/claims_that_are_no_object_mean_no_tenant.test.sql",
      "supabase/tests/rights/claims_test.ts",
    ],
  },
  {
    name: "a subject has any length",
    file,
    find: "left(v_subject #>> '{}', 255)",
    replace: "v_subject #>> '{}'",
    tests: ["audit/records_a_subject_that_is_a_short_text.test.sql"],
  },
  {
    name: "a subject has any type",
    file,
    find: "case when jsonb_typeof(v_subject) = 'string' then",
    replace: "case when true then",
    tests: ["audit/records_a_subject_that_is_a_short_text.test.sql"],
  },
  {
    name: "an invalid tenant setting raises an error",
    file,
    find: "case when named.tenant_id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){4}[0-9a-fA-F]{8}$'",
    replace: "case when named.tenant_id <> ''",
    tests: ["rights/a_login_that_was_let_in_has_the_tenant_of_its_setting.test.sql"],
  },
  {
    name: "entries that are no text are passed over",
    file,
    find: "jsonb_typeof(tenant.id) <> 'string'",
    replace: "false",
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "the tenant setting counts beside a JWT",
    file,
    find: "if v_claims is null\n    and",
    replace: "if true\n    and",
    tests: ["rights/a_login_that_was_let_in_has_the_tenant_of_its_setting.test.sql"],
  },
  {
    name: "the tenant setting counts for every login",
    file,
    find: "and pg_catalog.has_function_privilege(v_role, 'jobforge.session_tenant()', 'execute')",
    replace: "",
    tests: ["rights/a_login_that_is_authenticated_gets_no_tenant.test.sql"],
  },
  {
    name: "a caller may name any tenant",
    file,
    find: "elsif p_tenant_id <> all (v_tenant_ids) then",
    replace: "elsif false then",
    tests: ["rights/naming_another_tenant_is_forbidden.test.sql"],
  },
  {
    name: "a caller without a tenant is let in",
    file,
    find: "if cardinality(v_tenant_ids) = 0 then",
    replace: "if false then",
    tests: ["rights/users_without_a_tenant_change_nothing.test.sql"],
  },
  {
    name: "a service need not name the tenant",
    file,
    find: "    if p_tenant_id is null then",
    replace: "    if false then",
    tests: ["rights/services_always_name_the_tenant.test.sql"],
  },
  {
    name: "the second lock of services is open",
    file,
    find: "if not jobforge.is_service() then",
    replace: "if false then",
    tests: ["rights/services_are_asked_for_twice.test.sql"],
  },
  {
    name: "a claim makes a service",
    file,
    find: "return pg_catalog.pg_has_role(jobforge.caller_role(), 'service_role', 'usage');",
    replace: `return jobforge.claims() ->> 'role' = 'service_role'
      or pg_catalog.pg_has_role(jobforge.caller_role(), 'service_role', 'usage');`,
    tests: ["rights/invalid_claims_mean_no_tenant.test.sql"],
  },
  {
    name: "the owner counts as the caller",
    file,
    find: "    else current_setting('role')",
    replace: "    else current_user::text",
    tests: ["rights/services_are_asked_for_twice.test.sql"],
  },
  {
    name: "who may become a service counts as one",
    file,
    find: "'service_role', 'usage')",
    replace: "'service_role', 'member')",
    tests: ["rights/a_login_that_may_become_a_service_is_none_yet.test.sql"],
  },
  {
    name: "a function takes the search_path of its caller",
    file,
    find: PINNED,
    replace: PINNED.replace("set search_path = pg_catalog, pg_temp\n", ""),
    tests: ["catalog/every_function_pins_its_search_path.test.sql"],
  },
  {
    name: "a function searches temporary objects first",
    file,
    find: PINNED,
    replace: PINNED.replace("pg_catalog, pg_temp", "''"),
    tests: ["catalog/every_function_pins_its_search_path.test.sql"],
  },
  {
    name: "a function searches the public schema",
    file,
    find: PINNED,
    replace: PINNED.replace("pg_catalog, pg_temp", "pg_catalog, public, pg_temp"),
    tests: ["catalog/every_function_pins_its_search_path.test.sql"],
  },
  {
    name: "claims come from the headers of the request",
    file,
    find: "v_text constant text := nullif(current_setting('request.jwt.claims', true), '');",
    replace: "v_text constant text := nullif(current_setting('request.headers', true), '');",
    tests: ["catalog/functions_trust_no_setting_of_the_caller.test.sql"],
  },
  {
    name: "the audit log has no actor",
    file: schema("15_audit/00_audit_log"),
    find: "jobforge.caller_role(), jobforge.subject(),",
    replace: "jobforge.caller_role(), null,",
    tests: ["audit/records_each_change_with_role_and_subject.test.sql"],
  },
];
