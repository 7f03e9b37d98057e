import { type Mutant, schema } from "../mutant.ts";

/** Faults that make one caller wait for another, or let two of them do the same work. */
export const waits: Mutant[] = [
  {
    name: "a cancellation locks the body of a job that runs",
    file: schema("20_jobs/cancel_job"),
    find:
      "  select coalesce(array_agg(requested.job_id), '{}') into v_cancellation.requested from requested;",
    replace:
      "  select coalesce(array_agg(requested.job_id), '{}') into v_cancellation.requested from requested;\n" +
      "  perform from jobforge.jobs as j\n" +
      "  where j.tenant_id = p_tenant_id and j.id = any (p_ids) for update;",
    tests: ["supabase/tests/concurrency/nothing_held_test.ts"],
  },
  {
    name: "the end of a secret waits for its tenant",
    file: schema("70_connectors/prune_connectors"),
    find: "      limit p_limit\n      for update skip locked\n    ) as expired",
    replace: "      limit p_limit\n    ) as expired",
    tests: ["supabase/tests/concurrency/maintenance_waits_test.ts"],
  },
  {
    name: "the end of a run waits for its holder",
    file: schema("45_maintenance/prune"),
    find: "    order by r_old.id\n    limit p_limit\n    for update skip locked));",
    replace: "    order by r_old.id\n    limit p_limit));",
    tests: ["supabase/tests/concurrency/maintenance_waits_test.ts"],
  },
  {
    name: "the end of a key waits for its tenant",
    file: schema("45_maintenance/prune"),
    find: "      for update of k_old skip locked))",
    replace: "      for update of k_old))",
    tests: ["supabase/tests/concurrency/maintenance_waits_test.ts"],
  },
  {
    name: "the seals wait for an erasure",
    file: schema("15_audit/seal_audit"),
    find: "    for update of audit_seals skip locked\n",
    replace: "",
    tests: ["supabase/tests/concurrency/maintenance_waits_test.ts"],
  },
  {
    name: "counts of rejected webhooks wait for their sender",
    file: schema("45_maintenance/prune"),
    find:
      "    where counted.at < p_now - interval '1 day' limit p_limit\n    for update skip locked));",
    replace: "    where counted.at < p_now - interval '1 day' limit p_limit));",
    tests: ["supabase/tests/concurrency/maintenance_waits_test.ts"],
  },
  {
    name: "expired keys wait for their tenant",
    file: schema("45_maintenance/prune"),
    find: "    order by k_old.expires_at\n    limit p_limit\n    for update skip locked));",
    replace: "    order by k_old.expires_at\n    limit p_limit\n    for update));",
    tests: ["supabase/tests/concurrency/maintenance_waits_test.ts"],
  },
  ...[
    ["a change of retention", "20_jobs/configure_retention"],
    ["a change of the retention of audit entries", "15_audit/configure_audit_retention"],
    ["a change of publishing", "75_destinations/configure_publishing"],
    ["a change of an alert", "85_alerts/configure_alert"],
    ["a setup", "50_dispatch/setup"],
    ["the readmission of a tenant", "87_tenants/readmit_tenant"],
    ["a closed host", "70_connectors/close_host"],
    ["a count of refusals", "85_alerts/count_refusals"],
    ["a webhook", "70_connectors/receive_webhook"],
    ["a declaration of job types", "18_storage/00_job_types"],
  ].map(([what, file]) => ({
    name: `${what} waits for another one as long as that lasts`,
    file: schema(file!),
    find: "set lock_timeout = '1s'",
    replace: "set lock_timeout = '0'",
    tests: ["supabase/tests/concurrency/same_call_test.ts"],
  })),
  {
    name: "the start of a run waits for another one as long as that lasts",
    file: schema("40_runs/start_run"),
    find: "set lock_timeout = '1s'\nas $$\ndeclare\n  v_max_runs",
    replace: "as $$\ndeclare\n  v_max_runs",
    tests: ["supabase/tests/concurrency/same_call_test.ts"],
  },
  {
    name: "a held settings row is an error without what to do",
    file: schema("20_jobs/configure_retention"),
    find: "exception when lock_not_available then",
    replace: "exception when division_by_zero then",
    tests: ["supabase/tests/concurrency/same_call_test.ts"],
  },
];
