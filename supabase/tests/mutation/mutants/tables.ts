import { type Mutant, schema } from "../mutant.ts";

/** Faults in the rules that hold for rows of queues and jobs with any writer. */
export const tables: Mutant[] = [
  {
    name: "a weight has no bound",
    file: schema("10_foundation/domains"),
    find: " constraint weight_in_range check (\n  value between 0.001 and 1000)",
    replace: "",
    tests: ["configure_queue/refuses_settings_out_of_range.test.sql"],
  },
  {
    name: "a limit may be negative",
    file: schema("10_foundation/domains"),
    find: " constraint count_not_negative check (value >= 0)",
    replace: "",
    tests: ["configure_queue/refuses_settings_out_of_range.test.sql"],
  },
  {
    name: "a rate may be none at all",
    file: schema("10_foundation/domains"),
    find: " constraint number_is_positive check (value > 0)",
    replace: "",
    tests: ["configure_queue/refuses_settings_out_of_range.test.sql"],
  },
  {
    name: "a rate has any period",
    file: schema("10_foundation/domains"),
    find: " constraint period_in_range check (\n  value between 1 and 86400000)",
    replace: "",
    tests: ["configure_queue/refuses_settings_out_of_range.test.sql"],
  },
  {
    name: "a lease belongs to no run",
    file: schema("20_jobs/00_jobs"),
    find: "check (lease_token is null or run_id is not null)",
    replace: "check (true)",
    tests: ["tables/a_lease_exists_only_while_a_job_runs.test.sql"],
  },
  {
    name: "a job that has ended has any status",
    file: schema("20_jobs/00_jobs"),
    find: "else status in ('succeeded', 'failed', 'dead', 'canceled') end",
    replace: "else true end",
    tests: ["tables/a_job_has_a_known_status.test.sql"],
  },
  {
    name: "a job ends without a time",
    file: schema("20_jobs/00_jobs"),
    find: "then status in ('queued', 'running')",
    replace: "then true",
    tests: ["tables/a_job_has_ended_when_its_state_is_final.test.sql"],
  },
  {
    name: "a job that has ended is scheduled",
    file: schema("40_runs/settle"),
    find: "scheduled = decided.status = 'queued' and decided.wait",
    replace: "scheduled = decided.wait",
    tests: ["supabase/tests/model/model_test.ts"],
  },
  {
    name: "a queue has any name",
    file: schema("10_foundation/domains"),
    find: " constraint queue_name_is_plain check (\n  value ~ jobforge.name_pattern())",
    replace: "",
    tests: ["configure_queue/refuses_invalid_names.test.sql"],
  },
  {
    name: "a lease outlives its run",
    file: schema("20_jobs/00_jobs"),
    find: "check ((status = 'running') = (lease_token is not null))",
    replace: "check (status = 'running' or lease_token is null)",
    tests: ["tables/a_lease_exists_only_while_a_job_runs.test.sql"],
  },
  {
    name: "a job makes more attempts than it may",
    file: schema("20_jobs/00_jobs"),
    find: "check (attempts between 0 and max_attempts)",
    replace: "check (attempts >= 0)",
    tests: ["tables/a_job_makes_no_more_attempts_than_it_may.test.sql"],
  },
];
