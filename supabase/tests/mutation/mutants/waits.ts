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
    tests: ["supabase/tests/concurrency/stall_test.ts"],
  },
];
