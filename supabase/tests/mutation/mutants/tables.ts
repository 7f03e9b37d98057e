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
    name: "a job that has ended has any status",
    file: schema("18_storage/00_jobs"),
    find:
      " constraint status_is_final check (\n  value in ('succeeded', 'failed', 'dead', 'canceled'))",
    replace: "",
    tests: ["tables/a_job_has_a_known_status.test.sql"],
  },
  {
    name: "a job that has ended is scheduled",
    file: schema("40_runs/settle"),
    find: "    from ended where ended.status is null and ended.run_at > p_now\n  ),\n  quarantined",
    replace:
      "    from ended where ended.run_at > p_now or ended.status is not null\n  ),\n  quarantined",
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
    name: "what was retried later counts off a minute",
    file: schema("80_metrics/roll_up"),
    find: "retried = metrics_by_minute.retried + excluded.retried",
    replace: "retried = metrics_by_minute.retried - excluded.retried",
    tests: ["roll_up/adds_to_the_minute_of_before.test.sql"],
  },
  {
    name: "a quarantined job costs its queue two turns",
    file: schema("40_runs/claim_quarantined"),
    find: "set vtime = q.vtime + round(1 / p_settings.weight::numeric, 6)",
    replace: "set vtime = q.vtime + round(2 / p_settings.weight::numeric, 6)",
    tests: ["claim_jobs/moves_the_virtual_time_for_a_quarantined_job.test.sql"],
  },
];
