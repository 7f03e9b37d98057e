import { type Mutant, schema } from "../mutant.ts";

const fullQueue = schema("30_queues/full_queue");
const room = ["enqueue_job/reports_when_a_full_queue_may_have_room.test.sql"];
const reasons = schema("20_jobs/explain_reasons");
const reclaim = schema("40_runs/reclaim_lost_runs");
const clock = ["dispatch/reclaims_a_lost_run_after_the_clock_was_set_back.test.sql"];
const others = ["dispatch/goes_on_without_a_queue_that_raises.test.sql"];
const raising = ["claim_jobs/leaves_out_a_queue_that_raises.test.sql"];
const alerts = schema("85_alerts/evaluate_alerts");
const rules = ["evaluate_alerts/goes_on_after_an_error.test.sql"];

/** Faults in what is known at a moment: of a job, of a full queue, of a clock that was set back. */
export const moments: Mutant[] = [
  {
    name: "a job is read later than its result",
    file: schema("20_jobs/00_take_waiting"),
    find: "returns public.jobforge_jobs\nlanguage plpgsql stable",
    replace: "returns public.jobforge_jobs\nlanguage plpgsql volatile",
    tests: ["get_job/reads_a_job_and_its_result_at_one_moment.test.sql"],
  },
  {
    name: "a paused queue that is full may have room in seconds",
    file: fullQueue,
    find: "when p_settings.paused then 60",
    replace: "when p_settings.paused then 5",
    tests: room,
  },
  {
    name: "a full queue with a slow rate has room after days",
    file: fullQueue,
    find: ", 1), 3600)::int",
    replace: ", 1), 360000)::int",
    tests: room,
  },
  {
    name: "the rate frees all places of a full queue at once",
    file: fullQueue,
    find: "p_missing * (p_settings.rate_period_ms",
    replace: "1 * (p_settings.rate_period_ms",
    tests: room,
  },
  {
    name: "the free places of a full queue are missing as well",
    file: fullQueue,
    find: "p_count - p_free) end,",
    replace: "p_count::bigint) end,",
    tests: room,
  },
  {
    name: "places that open transactions hold are free after the usual time",
    file: fullQueue,
    find: "case when p_free + v_held >= p_count then 1",
    replace: "case when p_free + v_held < p_count then 1",
    tests: ["supabase/tests/concurrency/full_queue_test.ts"],
  },
  {
    name: "a reason of explain_job has no words",
    file: reasons,
    find:
      "    when 'queue_at_fault' then 'Its queue raises an error. An operator must configure it anew.'\n",
    replace: "",
    tests: ["explain_job/has_words_for_every_reason.test.sql"],
  },
  {
    name: "the kind of worker that is missing has no name",
    file: reasons,
    find: "|| coalesce(p_kind || ' ', '')",
    replace: "|| ''",
    tests: ["explain_job/names_the_kind_of_worker_that_is_missing.test.sql"],
  },
  {
    name: "a lost run of a clock that was set back holds its jobs until then",
    file: reclaim,
    find: "  perform jobforge.follow_clock(p_now);\n",
    replace: "",
    tests: clock,
  },
  {
    name: "a lost run of a clock that was set back counts as help",
    file: reclaim,
    find: "    polled_at = least(r.polled_at, p_now)",
    replace: "    polled_at = r.polled_at",
    tests: clock,
  },
  {
    name: "a report that came during the dispatch shortens its lease",
    file: reclaim,
    find: "secs => settings.lease_seconds + 5)",
    replace: "secs => settings.lease_seconds)",
    tests: clock,
  },
  {
    name: "a ticket of a clock that was set back counts until then",
    file: reclaim,
    find: "p_now - interval '60 seconds' and p_now + interval '5 seconds'",
    replace: "p_now - interval '60 seconds' and 'infinity'",
    tests: clock,
  },
  {
    name: "an alert rule that raises is no failure of its task",
    file: alerts,
    find: "      v_error := coalesce(v_error,\n        format('rule %s: %s'",
    replace: "      perform coalesce(v_error,\n        format('rule %s: %s'",
    tests: rules,
  },
  {
    name: "notifications that raise are no failure of their task",
    file: alerts,
    find: "    v_error := coalesce(v_error,\n      format('notifications: %s'",
    replace: "    perform coalesce(v_error,\n      format('notifications: %s'",
    tests: rules,
  },
  {
    name: "a task that never succeeded did so some time ago",
    file: schema("45_maintenance/00_tasks"),
    find:
      "'last succeeded ' || floor(extract(epoch from\n          p_now - task.last_succeeded_at)) || ' seconds ago'",
    replace:
      "format('last succeeded %s seconds ago', floor(extract(epoch from\n          p_now - task.last_succeeded_at)))",
    tests: ["doctor/names_tasks_that_fail_or_do_not_run.test.sql"],
  },
  {
    name: "a queue that raises fails every claim",
    file: schema("40_runs/settle_and_claim"),
    find: "if jobforge.set_faulty_aside(v_now) = 0 then",
    replace: "if jobforge.set_faulty_aside(v_now) >= 0 then",
    tests: raising,
  },
  {
    name: "a queue that raises is looked at again",
    file: schema("30_queues/look_at"),
    find:
      "      and not exists (select from jobforge.queue_faults where queue_faults.queue_id = q.id)\n",
    replace: "",
    tests: raising,
  },
  {
    name: "a queue that raises fails every dispatch",
    file: schema("50_dispatch/dispatch"),
    find:
      "('promote ' || jobforge.short_error(sqlstate, sqlerrm));\n    perform jobforge.set_faulty_aside(v_now);",
    replace: "('promote ' || jobforge.short_error(sqlstate, sqlerrm));",
    tests: others,
  },
  {
    name: "a queue that was left out raises in what reads all",
    file: schema("30_queues/rate"),
    find: "or jobforge.is_at_fault(p_queue.id) then 0",
    replace: "then 0",
    tests: others,
  },
  {
    name: "a queue with a quarantined job that raises fails every claim",
    file: schema("40_runs/04_queue_faults"),
    find:
      "\n        or exists (select from jobforge.quarantined where quarantined.queue_id = q.id))",
    replace: ")",
    tests: others,
  },
  {
    name: "the doctor finds no queue that raises",
    file: schema("50_dispatch/doctor"),
    find: "\n    || jobforge.check_queues();",
    replace: ";",
    tests: raising,
  },
  {
    name: "a new configuration leaves a queue at fault",
    file: schema("30_queues/configure_queue"),
    find: "  delete from jobforge.queue_faults where queue_faults.queue_id = v_queue_id;\n",
    replace: "",
    tests: raising,
  },
  {
    name: "the interval of a rate is a whole number of a small type",
    file: schema("30_queues/rate"),
    find:
      "greatest(extract(epoch from p_queue.tat - p_now), 0)::float8 / p_queue.tat_interval, 0);",
    replace:
      "greatest(extract(epoch from p_queue.tat - p_now), 0)::float8::int2 / p_queue.tat_interval, 0);",
    tests: ["claim_jobs/serves_others_at_every_extreme_of_the_settings.test.sql"],
  },
  {
    name: "a task that failed in part waits like one that did nothing",
    file: schema("45_maintenance/00_tasks"),
    find: "when p_error is not null and p_more is null then",
    replace: "when p_error is not null then",
    tests: rules,
  },
  {
    name: "a call for a calendar that raises is no failure of its task",
    file: schema("60_schedules/request_refills"),
    find: "  return v_slot is not null;\nend",
    replace: "  return v_slot is not null;\nexception when others then\n  return false;\nend",
    tests: ["request_refills/a_call_that_fails_stops_no_schedule.test.sql"],
  },
  {
    name: "a call for a calendar that raises fails the change of the schedule",
    file: schema("60_schedules/configure_schedule"),
    find: "        null; -- a hint: request_refills calls as well, and records its error",
    replace: "        raise;",
    tests: ["request_refills/a_call_that_fails_stops_no_schedule.test.sql"],
  },
];
