import { type Mutant, schema } from "../mutant.ts";

/** Faults that leave something over: rows of an erasure, an error, a job beyond its time. */
export const leftovers: Mutant[] = [
  {
    name: "an error is lost when the next attempt has none",
    file: schema("40_runs/settle"),
    find: "last_error = coalesce(decided.error, j.last_error),",
    replace: "last_error = decided.error,",
    tests: ["settle_and_claim/keeps_the_last_error.test.sql"],
  },
  {
    name: "an idle run's time starts anew with each look",
    file: schema("40_runs/settle_and_claim"),
    find: "then coalesce(r.idle_at, v_now) end,",
    replace: "then v_now end,",
    tests: ["has_room/counts_no_run_that_has_been_idle_for_a_second.test.sql"],
  },
  {
    name: "canceled jobs are deleted with those that succeeded",
    file: schema("20_jobs/retention"),
    find: "'canceled', p_now - make_interval(days => settings.retention_unsuccessful_days)",
    replace: "'canceled', p_now - make_interval(days => settings.retention_succeeded_days)",
    tests: ["delete_expired_jobs/keeps_canceled_jobs_as_long_as_failed_ones.test.sql"],
  },
  {
    name: "members see how many alerts all tenants have",
    file: schema("80_metrics/overview"),
    find: "and (v_tenant_ids is null or alerts.tenant_id = any (v_tenant_ids))",
    replace: "",
    tests: ["overview/counts_the_open_alerts_of_the_callers_tenant.test.sql"],
  },
  {
    name: "a hundred and one schedules are filled",
    file: schema("60_schedules/fill_calendar"),
    find: "jsonb_array_length(p_filled) > 100 then",
    replace: "jsonb_array_length(p_filled) > 101 then",
    tests: ["fill_calendar/takes_a_hundred_at_once.test.sql"],
  },
  {
    name: "an erasure leaves the place of retention",
    file: schema("87_tenants/erasure_steps"),
    find:
      "  update jobforge.retention set at_tenant = null, after_id = null\n  where at_tenant = p_tenant_id;\n",
    replace: "",
    tests: ["erase_tenant/leaves_nothing_of_its_queues.test.sql"],
  },
  {
    name: "an erasure leaves wake-ups",
    file: schema("87_tenants/erasure_steps"),
    find:
      "  delete from jobforge.wakeups where wakeups.ctid = any (array(\n    select gone.ctid from jobforge.wakeups as gone where gone.queue_id = any (v_ids)\n    for update skip locked));\n",
    replace: "",
    tests: ["erase_tenant/leaves_nothing_of_its_queues.test.sql"],
  },
  {
    name: "an erasure leaves the places of a queue",
    file: schema("87_tenants/erasure_steps"),
    find:
      "  delete from jobforge.queue_slots where queue_slots.ctid = any (array(\n    select gone.ctid from jobforge.queue_slots as gone where gone.queue_id = any (v_ids)\n    for update skip locked));\n",
    replace: "",
    tests: ["erase_tenant/leaves_nothing_of_its_queues.test.sql"],
  },
  {
    name: "an erasure leaves the volume of a queue",
    file: schema("87_tenants/erasure_steps"),
    find: "  delete from jobforge.enqueue_volumes where queue_id = any (v_ids);\n",
    replace: "",
    tests: ["erase_tenant/leaves_nothing_of_its_queues.test.sql"],
  },
  {
    name: "an erasure leaves the fault of a queue",
    file: schema("87_tenants/erasure_steps"),
    find: "  delete from jobforge.queue_faults where queue_id = any (v_ids);\n",
    replace: "",
    tests: ["erase_tenant/leaves_nothing_of_its_queues.test.sql"],
  },
  {
    name: "an erasure deletes 10,001 rows at a time",
    file: schema("87_tenants/erase_tenant"),
    find: "not between 1 and 10000 then",
    replace: "not between 1 and 10001 then",
    tests: ["erase_tenant/leaves_nothing_of_its_queues.test.sql"],
  },
  {
    name: "a queue of a tenant that is being erased stays runnable",
    file: schema("87_tenants/close_tenant"),
    find: "runnable = false, blocked = false",
    replace: "runnable = q.runnable, blocked = false",
    tests: ["erase_tenant/puts_its_queues_to_sleep.test.sql"],
  },
  {
    name: "a bulk cancel begins with the id it goes on after",
    file: schema("20_jobs/change_jobs"),
    find: "where j.tenant_id = p_tenant_id and j.id > p_after and j.id >= v_from",
    replace: "where j.tenant_id = p_tenant_id and j.id >= p_after and j.id >= v_from",
    tests: ["cancel_jobs/goes_on_after_an_id.test.sql"],
  },
  {
    name: "a bulk retry begins with the id it goes on after",
    file: schema("20_jobs/change_jobs"),
    find: "unsuccessful_jobs.id > p_after\n",
    replace: "unsuccessful_jobs.id >= p_after\n",
    tests: ["cancel_jobs/goes_on_after_an_id.test.sql"],
  },
  {
    name: "a deleted schedule is not audited",
    file: schema("60_schedules/delete_schedule"),
    find: "  perform jobforge.audit('delete_schedule', v_schedule.tenant_id,",
    replace: "  perform concat('delete_schedule', v_schedule.tenant_id,",
    tests: ["delete_schedule/is_audited.test.sql"],
  },
  {
    name: "a minute forgets the waits of before",
    file: schema("80_metrics/roll_up"),
    find: "latency_ms = metrics_by_minute.latency_ms + excluded.latency_ms",
    replace: "latency_ms = excluded.latency_ms",
    tests: ["roll_up/adds_to_the_minute_of_before.test.sql"],
  },
  {
    name: "a minute forgets the starts of before",
    file: schema("80_metrics/roll_up"),
    find: "started = metrics_by_minute.started + excluded.started",
    replace: "started = excluded.started",
    tests: ["roll_up/adds_to_the_minute_of_before.test.sql"],
  },
  {
    name: "a minute forgets the distribution of waits",
    file: schema("80_metrics/roll_up"),
    find: "latency = jobforge.add_histograms(metrics_by_minute.latency, excluded.latency)",
    replace: "latency = excluded.latency",
    tests: ["roll_up/adds_to_the_minute_of_before.test.sql"],
  },
  {
    name: "a list of running jobs is of all tenants",
    file: schema("20_jobs/list_jobs"),
    find: "        and (p_tenant_ids is null or leases.tenant_id = any (p_tenant_ids)))",
    replace: "        )",
    tests: ["list_jobs/shows_members_of_two_tenants_what_runs_of_theirs.test.sql"],
  },
  {
    name: "the attempts of the type beat those of the job",
    file: schema("40_runs/03_claimed_jobs"),
    find:
      "\n      coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry as max_attempts,\n      leases.token as lease_token,",
    replace:
      "\n      coalesce(t.max_attempts, j.max_attempts, 5) + j.attempts_before_retry as max_attempts,\n      leases.token as lease_token,",
    tests: ["claim_jobs/gives_the_attempts_that_the_caller_set.test.sql"],
  },
  {
    name: "the attempts of the type beat those of a single job",
    file: schema("40_runs/claim_one"),
    find: "array[coalesce(j.max_attempts, t.max_attempts, 5)",
    replace: "array[coalesce(t.max_attempts, j.max_attempts, 5)",
    tests: ["claim_jobs/gives_the_attempts_that_the_caller_set.test.sql"],
  },
];
