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
];
