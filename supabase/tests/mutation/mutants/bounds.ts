import { type Mutant, schema } from "../mutant.ts";

const calendar = "shared/core/calendar";
const calendarApi = "shared/adapters/data_api/calendar_api";
const cleanup = "shared/jobs/system_cleanup/handler";
const limit = "shared/adapters/data_api/in_flight_limit";
const problem = "shared/core/http/problem";
const redact = "shared/core/log/redact";
const rpcError = "shared/core/http/rpc_error";

/** Faults in bounds of the functions, in their answers and logs, and in the doctor. */
export const bounds: Mutant[] = [
  {
    name: "a caught error may hold what a collation counts as printable",
    file: schema("10_foundation/errors"),
    find: "'[^ -~]+', ' ', 'g'), 200)",
    replace: "'[^[:print:]]+', ' ', 'g'), 200)",
    tests: ["fail/writes_one_short_printable_line.test.sql"],
  },
  {
    name: "a member of an outcome prints as gigabytes",
    file: schema("40_runs/settle_reported"),
    find: "  perform jobforge.bound_members('p_outcomes', p_outcomes);",
    replace: "",
    tests: ["catalog/members_are_bounded_before_they_are_text.test.sql"],
  },
  {
    name: "an id in progress prints as gigabytes",
    file: schema("40_runs/heartbeat"),
    find: "    perform jobforge.bound_members('p_progress', p_progress);",
    replace: "",
    tests: ["catalog/members_are_bounded_before_they_are_text.test.sql"],
  },
  {
    name: "the message of an error prints as gigabytes",
    file: schema("40_runs/01_outcomes"),
    find: "jsonb_typeof(p_value) = 'string' or pg_column_size(p_value) <= 64",
    replace: "true",
    tests: ["settle_and_claim/accepts_an_unusual_error.test.sql"],
  },
  {
    name: "one call too many waits for the database",
    file: `${limit}.ts`,
    find: "this.#inFlight >= this.#max",
    replace: "this.#inFlight > this.#max",
    tests: [`${limit}_test.ts`],
  },
  {
    name: "a failed call counts as in flight forever",
    file: `${limit}.ts`,
    find: "return await call();\n    } finally {\n      this.#inFlight--;\n    }",
    replace:
      "const reply = await call();\n      this.#inFlight--;\n      return reply;\n    } finally {}",
    tests: [`${limit}_test.ts`],
  },
  {
    name: "RateLimit has the limit in place of what is left",
    file: `${problem}.ts`,
    find: ";r=${quota.remaining}",
    replace: ";r=${quota.limit}",
    tests: [`${problem}_test.ts`],
  },
  {
    name: "RateLimit-Policy does not have the limit",
    file: `${problem}.ts`,
    find: ";q=${quota.limit}",
    replace: ";q=${quota.remaining}",
    tests: [`${problem}_test.ts`],
  },
  {
    name: "an overloaded function returns no time to come back",
    file: `${problem}.ts`,
    find: "error.status === 429 || error.status === 503",
    replace: "error.status === 429",
    tests: [`${problem}_test.ts`],
  },
  {
    name: "RateLimit takes any hint of the database",
    file: `${rpcError}.ts`,
    find: "if (limit === undefined || remaining === undefined) return {};",
    replace:
      "if (limit === undefined || remaining === undefined) return { quota: { limit: 0, remaining: 0 } };",
    tests: [`${rpcError}_test.ts`],
  },
  {
    name: "messages show the password in a URL",
    file: `${redact}.ts`,
    find: "    .replace(USERINFO, `$1${BLANK}@`)\n",
    replace: "",
    tests: [`${redact}_test.ts`],
  },
  {
    name: "messages show the query of a URL",
    file: `${redact}.ts`,
    find: "    .replace(QUERY, `$1?${BLANK}`)\n",
    replace: "",
    tests: [`${redact}_test.ts`],
  },
  {
    name: "messages show members that are named like secrets",
    file: `${redact}.ts`,
    find: "\n    .replace(SECRET_FIELD, `$1$2${BLANK}`)",
    replace: "",
    tests: [`${redact}_test.ts`],
  },
  {
    name: "a cleanup begins at the front again with each batch",
    file: `${cleanup}.ts`,
    find: "p_after: after,",
    replace: "p_after: null,",
    tests: [`${cleanup}_test.ts`],
  },
  {
    name: "a cleanup does not stop when it is aborted",
    file: `${cleanup}.ts`,
    find: "ctx.signal.throwIfAborted();",
    replace: "",
    tests: [`${cleanup}_test.ts`],
  },
  {
    name: "the worker's own zone decides when a schedule occurs",
    file: `${calendar}.ts`,
    find: "utcOffset: 0, ",
    replace: "",
    tests: ["supabase/tests/schedules/zone_data_test.ts"],
  },
  {
    name: "one invalid schedule stops the calendar of all",
    file: `${calendarApi}.ts`,
    find: "return { id, version, problem:",
    replace: "if (thrown) throw thrown;\n    return { id, version, problem:",
    tests: [`${calendarApi}_test.ts`],
  },
  {
    name: "a run fills calendars in any number of rounds",
    file: `${calendarApi}.ts`,
    find: "round <= MAX_ROUNDS",
    replace: "round <= MAX_ROUNDS * 10",
    tests: [`${calendarApi}_test.ts`],
  },
  {
    name: "the doctor overlooks that anon may call functions",
    file: schema("50_dispatch/unexpected_grants"),
    find:
      "unnest(array['anon', 'authenticated', 'service_role']) as api (role)\n    where has_function",
    replace: "unnest(array['authenticated', 'service_role']) as api (role)\n    where has_function",
    tests: ["doctor/names_rights_that_differ.test.sql"],
  },
  {
    name: "the doctor overlooks a table without row level security",
    file: schema("50_dispatch/unexpected_grants"),
    find: "where published.relkind <> 'v' and not published.relrowsecurity",
    replace: "where false",
    tests: ["doctor/names_rights_that_differ.test.sql"],
  },
  {
    name: "the doctor overlooks a table that a role may empty",
    file: schema("50_dispatch/unexpected_grants"),
    find:
      "unnest(array['insert', 'update', 'delete', 'truncate']) as checked (privilege)\n    where has_",
    replace: "unnest(array['insert', 'update', 'delete']) as checked (privilege)\n    where has_",
    tests: ["doctor/names_rights_that_differ.test.sql"],
  },
  {
    name: "the doctor takes another project's URL for its own",
    file: schema("50_dispatch/doctor_checks"),
    find:
      "\n      and settings.project_url = coalesce(rtrim(p_project_url, '/'), settings.project_url)",
    replace: "",
    tests: ["doctor/needs_the_projects_own_url.test.sql"],
  },
  {
    name: "the doctor accepts a dispatch of long ago",
    file: schema("50_dispatch/doctor_checks"),
    find: "v_last_dispatch.start_time > jobforge.clock() - interval '90 seconds'",
    replace: "v_last_dispatch.start_time > jobforge.clock() - interval '1 day'",
    tests: ["doctor/needs_a_dispatch_within_90_seconds.test.sql"],
  },
  {
    name: "users call the doctor",
    file: schema("50_dispatch/doctor"),
    find: "  perform jobforge.require_service();\n  v_findings := array[",
    replace: "  v_findings := array[",
    tests: ["rights/services_are_asked_for_twice.test.sql"],
  },
  {
    name: "the doctor complains about runs lost long ago",
    file: schema("50_dispatch/doctor_checks"),
    find: "'lost' and recent.ended_at > jobforge.clock() - interval '1 hour'",
    replace: "'lost' and recent.ended_at > jobforge.clock() - interval '1 year'",
    tests: ["doctor/counts_undelivered_tickets_and_lost_runs.test.sql"],
  },
];
