import { type Mutant, schema } from "../mutant.ts";

const concurrency = "supabase/tests/concurrency";

/** Faults in changes of many jobs at once, and in retention. */
export const operations: Mutant[] = [
  {
    name: "a bulk change is no dry run by default",
    file: schema("20_jobs/change_jobs"),
    find: "if p_dry_run is not false then",
    replace: "if p_dry_run then",
    tests: ["retry_jobs/reports_only_which_jobs_in_a_dry_run.test.sql"],
  },
  {
    name: "a bulk change waits for the holder of a job",
    file: schema("20_jobs/change_jobs"),
    find: "for no key update skip locked",
    replace: "for no key update",
    tests: [`${concurrency}/bulk_test.ts`],
  },
  {
    name: "a bulk change changes a job that changed since it was found",
    file: schema("20_jobs/change_jobs"),
    find: "\n        and j.status = any (v_filter.status)\n      order by",
    replace: "\n      order by",
    tests: [`${concurrency}/bulk_test.ts`],
  },
  {
    name: "a bulk change changes any number of jobs",
    file: schema("20_jobs/change_jobs"),
    find: "p_limit not between 1 and 10000",
    replace: "p_limit < 1",
    tests: ["retry_jobs/refuses_invalid_filters.test.sql"],
  },
  {
    name: "a bulk change leaves no trace in the audit log",
    file: schema("20_jobs/change_jobs"),
    find: "perform jobforge.audit(p_action, p_tenant_id, null,",
    replace: "perform jobforge.redacted(",
    tests: ["retry_jobs/is_audited_once_with_filter_and_count.test.sql"],
  },
  {
    name: "a bulk change overlooks a misspelt filter",
    file: schema("20_jobs/04_job_filter"),
    find: "error_code,created_after,created_before}'::text[] <> '{}'",
    replace: "error_code,created_after,created_before}'::text[] = '[]'",
    tests: ["retry_jobs/refuses_invalid_filters.test.sql"],
  },
  {
    name: "a bulk retry gives no fresh attempts",
    file: schema("20_jobs/retry_job"),
    find: ", attempts_before_retry = j.attempts,",
    replace: ",",
    tests: ["retry_jobs/queues_dead_and_failed_jobs_again.test.sql"],
  },
  {
    name: "a bulk cancel counts jobs that still run",
    file: schema("20_jobs/cancel_job"),
    find: "  perform jobforge.leave_queue(v_queue_ids);",
    replace: "  perform jobforge.leave_queue(v_queue_ids || v_queue_ids);",
    tests: ["cancel_jobs/cancels_queued_jobs_and_asks_running_ones_to_stop.test.sql"],
  },
  {
    name: "retention deletes a job that is retried in the same instant",
    file: schema("20_jobs/cleanup"),
    find: "\n      and j.finished_at < (p_before ->> j.status::text)::timestamptz\n    for update",
    replace: "\n    for update",
    tests: [`${concurrency}/bulk_test.ts`],
  },
  {
    name: "retention waits for the holder of a job",
    file: schema("20_jobs/cleanup"),
    find: "for update skip locked",
    replace: "for update",
    tests: [`${concurrency}/bulk_test.ts`],
  },
  {
    name: "a cleanup takes statuses of live jobs",
    file: schema("20_jobs/cleanup"),
    find: "or not p_statuses <@ '{succeeded,failed,dead,canceled}'",
    replace: "",
    tests: ["cleanup/refuses_live_statuses_and_short_retention.test.sql"],
  },
  {
    name: "a cleanup deletes what ended just now",
    file: schema("20_jobs/cleanup"),
    find: "coalesce(p_retention_days, 0) not between 1 and 36500",
    replace: "p_retention_days not between 0 and 36500",
    tests: ["cleanup/refuses_live_statuses_and_short_retention.test.sql"],
  },
  {
    name: "retention deletes what is to be kept forever",
    file: schema("20_jobs/retention"),
    find: "p_now - make_interval(days => settings.retention_succeeded_days),",
    replace: "p_now - make_interval(days => coalesce(settings.retention_succeeded_days, 30)),",
    tests: ["delete_expired_jobs/keeps_forever_what_has_no_days.test.sql"],
  },
  {
    name: "retention scans any number of jobs in a dispatch",
    file: schema("20_jobs/retention"),
    find: "v_pass.after_id, v_left);",
    replace: "v_pass.after_id, 10000);",
    tests: ["delete_expired_jobs/goes_on_in_the_next_dispatch.test.sql"],
  },
  {
    name: "users set how long jobs are kept",
    file: schema("20_jobs/configure_retention"),
    find: "  perform jobforge.require_service();\n  if p_succeeded_days",
    replace: "  if p_succeeded_days",
    tests: ["rights/services_are_asked_for_twice.test.sql"],
  },
];
