import { type Mutant, schema } from "../mutant.ts";

const fullQueue = schema("30_queues/full_queue");
const room = ["enqueue_job/reports_when_a_full_queue_may_have_room.test.sql"];
const reasons = schema("20_jobs/explain_reasons");
const reclaim = schema("40_runs/reclaim_lost_runs");
const clock = ["dispatch/reclaims_a_lost_run_after_the_clock_was_set_back.test.sql"];
const others = ["dispatch/goes_on_without_a_queue_that_raises.test.sql"];
const alone = ["settle_and_claim/touches_the_leases_it_names_alone.test.sql"];
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
    find: "    v_unsent := jobforge.short_error(sqlstate, sqlerrm);",
    replace: "    perform jobforge.short_error(sqlstate, sqlerrm);",
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
    name: "a quarantined job that starts is still counted as queued",
    file: schema("40_runs/claim_quarantined"),
    find: "round(1 / p_settings.weight::numeric, 6), claimed = q.claimed + 1,",
    replace: "round(1 / p_settings.weight::numeric, 6), claimed = q.claimed,",
    tests: ["claim_jobs/counts_a_quarantined_job_as_started.test.sql"],
  },
  {
    name: "each full claim of a run calls for more runs",
    file: schema("40_runs/settle_and_claim"),
    find: "if v_run.polled_at is null and p_limit > 0",
    replace: "if p_limit > 0",
    tests: ["settle_and_claim/calls_for_more_runs_after_a_first_full_claim.test.sql"],
  },
  {
    name: "the end of one lease ends the others of its run",
    file: schema("40_runs/settle_one"),
    find: "where leases.run_id = p_run_id and leases.token = p_token and exists",
    replace: "where leases.run_id = p_run_id and exists",
    tests: alone,
  },
  {
    name: "what is left of a lease is what the run holds",
    file: schema("40_runs/settle_reported"),
    find: "    where leases.run_id = p_run_id and leases.token = any (p_tokens);\n    v_settled :=",
    replace: "    where leases.run_id = p_run_id;\n    v_settled :=",
    tests: alone,
  },
  {
    name: "the end of a job keeps its request to stop",
    file: schema("40_runs/settle"),
    find:
      "    delete from jobforge.cancel_requests using ended\n    where cancel_requests.tenant_id = ended.tenant_id and cancel_requests.job_id = ended.id",
    replace: "    select 1",
    tests: ["settle_and_claim/writes_each_outcome_where_it_belongs.test.sql"],
  },
  {
    name: "a history is of the queues of all names",
    file: schema("80_metrics/history"),
    find: "      and (p_queue is null or q.queue = p_queue)\n",
    replace: "",
    tests: ["history/has_each_number_of_a_step.test.sql"],
  },
  {
    name: "what is beyond the bound loses its dead jobs",
    file: schema("80_metrics/bound_metrics"),
    find: "sum(removed.dead) as dead,",
    replace: "0 as dead,",
    tests: ["roll_up/keeps_every_number_of_what_is_beyond_the_bound.test.sql"],
  },
  {
    name: "runs of yesterday count for the last 24 hours",
    file: schema("80_metrics/metrics"),
    find: "r.ended_at > p_now - interval '24 hours'",
    replace: "r.ended_at > p_now - interval '25 hours'",
    tests: ["metrics/counts_runs_by_their_state.test.sql"],
  },
  {
    name: "attempts of an hour ago count for the last five minutes",
    file: schema("80_metrics/overview"),
    find: "v_now - interval '5 minutes'",
    replace: "v_now - interval '1 hour'",
    tests: ["overview/has_each_number_of_now.test.sql"],
  },
  {
    name: "ten rows of places are spread again each time",
    file: schema("30_queues/counters"),
    find: "having count(*) > 32 or",
    replace: "having count(*) > 8 or",
    tests: ["queued/spreads_places_over_eight_rows.test.sql"],
  },
  {
    name: "the rate counts a start as free a moment before it is",
    file: schema("30_queues/rate"),
    find: "- p_settings.rate_burst + 1, 0)",
    replace: "- p_settings.rate_burst, 0)",
    tests: ["claim_jobs/computes_starts_from_rate_cap_and_pause.test.sql"],
  },
  {
    name: "a page of queues begins anew",
    file: schema("30_queues/list_queues"),
    find: "where q.id > coalesce(p_after_id, 0)",
    replace: "where q.id > 0",
    tests: ["list_queues/goes_on_after_a_queue.test.sql"],
  },
  {
    name: "a job that is handed back wakes its queue for nothing",
    file: schema("40_runs/settle"),
    find:
      "      select distinct woken.queue_id, false from unnest(v_others.later_ids) as woken (queue_id);",
    replace:
      "      select distinct woken.queue_id, true from unnest(v_others.later_ids) as woken (queue_id);",
    tests: ["settle_and_claim/wakes_the_queues_of_jobs_that_wait_again.test.sql"],
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
    find: "), 0)::float8 / p_queue.tat_interval, 0);",
    replace: "), 0)::float8::int2 / p_queue.tat_interval, 0);",
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
