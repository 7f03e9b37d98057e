import { type Mutant, schema } from "../mutant.ts";

const bounded = ["catalog/members_are_bounded_before_they_are_text.test.sql"];
const thresholds = ["configure_alert/takes_every_threshold_in_its_range.test.sql"];
const maintained = ["maintain/goes_on_after_the_clock_was_set_back.test.sql"];
const setBack = ["settle_and_claim/takes_outcomes_after_the_clock_was_set_back.test.sql"];

/** Faults in the bounds of settings, filters and batches, and in the extremes of numbers and times. */
export const members: Mutant[] = [
  {
    name: "the members of a filter become text unbounded",
    file: schema("20_jobs/04_job_filter"),
    find: "jobforge.jsonb_fits(p_filter, 65536) is false",
    replace: "false",
    tests: bounded,
  },
  {
    name: "the members of a batch become text unbounded",
    file: schema("20_jobs/enqueue_jobs"),
    find: "from jsonb_array_elements(p_jobs) as element), 2097152)",
    replace: "from jsonb_array_elements(p_jobs) as element), 1073741823)",
    tests: bounded,
  },
  {
    name: "the settings of a schedule become text unbounded",
    file: schema("60_schedules/configure_schedule"),
    find: "not jobforge.jsonb_fits(p_settings - 'payload', 8192)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "the settings of a queue become text unbounded",
    file: schema("30_queues/configure_queue"),
    find: "not jobforge.jsonb_fits(p_settings, 4096)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "declared types become text unbounded",
    file: schema("18_storage/00_job_types"),
    find: "not jobforge.jsonb_fits(p_types, 1048576)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "a calendar becomes text unbounded",
    file: schema("60_schedules/fill_calendar"),
    find: "not jobforge.jsonb_fits(p_filled, 1048576)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "a large threshold overflows as a port",
    file: schema("70_connectors/00_config_schemas"),
    find: "trunc(v_text::numeric) = any (jobforge.foreign_ports()::numeric[])",
    replace: "trunc(v_text::numeric)::int = any (jobforge.foreign_ports())",
    tests: thresholds,
  },
  {
    name: "a threshold goes back beyond all time",
    file: schema("85_alerts/readings"),
    find: "least(p_seconds, 3e10)",
    replace: "p_seconds",
    tests: thresholds,
  },
  {
    name: "a changed rate counts after the old interval",
    file: schema("30_queues/look_at"),
    find: "perform jobforge.follow_rates(v_locked, p_now);",
    replace: "null;",
    tests: ["configure_queue/a_changed_rate_counts_from_the_change_on.test.sql"],
  },
  {
    name: "errors overflow after the clock was set back",
    file: schema("40_runs/settle"),
    find: "least(greatest(date_part('epoch', p_until - p_from) * 1000, 0), 2147483647)",
    replace: "least(date_part('epoch', p_until - p_from) * 1000, 2147483647)",
    tests: setBack,
  },
  {
    name: "successes overflow after the clock was set back",
    file: schema("40_runs/settle_succeeded"),
    find: "date_part('epoch', p_now - ended.started_at) * 1000, 0)",
    replace: "date_part('epoch', p_now - ended.started_at) * 1000, '-infinity')",
    tests: setBack,
  },
  {
    name: "a success alone overflows after the clock was set back",
    file: schema("40_runs/settle_one"),
    find: "greatest(date_part('epoch', p_now - ended.started_at) * 1000, 0)",
    replace: "greatest(date_part('epoch', p_now - ended.started_at) * 1000, '-infinity')",
    tests: setBack,
  },
  {
    name: "each enqueue reads every wake-up of its queue",
    file: schema("18_storage/01_queues"),
    find: "on jobforge.wakeups (queue_id, ready);",
    replace: "on jobforge.wakeups (queue_id);",
    tests: ["enqueue_job/finds_a_ready_wakeup_beside_many_others.test.sql"],
  },
  {
    name: "a clock that is set back stops queues with a rate",
    file: schema("30_queues/rate"),
    find: "select coalesce(p_tat_at > p_now + interval '10 seconds', false)",
    replace: "select false",
    tests: ["maintain/starts_at_the_rate_after_the_clock_was_set_back.test.sql"],
  },
  {
    name: "a clock that is set back stops a queue with a rate that sleeps",
    file: schema("30_queues/promote"),
    find: "\n      or jobforge.tat_is_ahead(q.tat_at, p_now));",
    replace: ");",
    tests: ["maintain/starts_at_the_rate_after_the_clock_was_set_back.test.sql"],
  },
  {
    name: "a clock that is set back stops a rate once it was looked at",
    file: schema("30_queues/look_at"),
    find: "\n      or jobforge.tat_is_ahead(q.tat_at, p_now));",
    replace: ");",
    tests: ["maintain/starts_at_the_rate_after_the_clock_was_set_back.test.sql"],
  },
  {
    name: "a clock that is set back stops what ends overdue jobs",
    file: schema("40_runs/reclaim_lost_runs"),
    find: "latest.started_at > p_now + interval '10 seconds'",
    replace: "latest.started_at > p_now + interval '10 days'",
    tests: ["dispatch/ends_an_overdue_job_after_the_clock_was_set_back.test.sql"],
  },
  {
    name: "a clock that is set back stops jobs that started after it",
    file: schema("40_runs/reclaim_lost_runs"),
    find: " and token <= v_run.token;",
    replace: ";",
    tests: ["dispatch/ends_an_overdue_job_after_the_clock_was_set_back.test.sql"],
  },
  {
    name: "a clock that is set back stops maintenance",
    file: schema("45_maintenance/maintain"),
    find: "and task.next_at < 'infinity')",
    replace: "and false)",
    tests: maintained,
  },
  {
    name: "a clock that is set back stops alerts",
    file: schema("85_alerts/evaluate_alerts"),
    find: "alerts_evaluated_at not between p_now - interval '55 seconds' and p_now",
    replace: "alerts_evaluated_at <= p_now - interval '55 seconds'",
    tests: maintained,
  },
  {
    name: "a mean over less than no time overflows",
    file: schema("85_alerts/observations"),
    find: "/ 3600, 0)))",
    replace: "/ 3600, '-infinity')))",
    tests: maintained,
  },
  {
    name: "a clock that is set back stops retention",
    file: schema("20_jobs/retention"),
    find: "retention.resting_until not between p_now and p_now + interval '1 hour'",
    replace: "retention.resting_until <= p_now",
    tests: maintained,
  },
];
