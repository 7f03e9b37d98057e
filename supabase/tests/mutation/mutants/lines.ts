import { type Mutant, schema } from "../mutant.ts";

const places = ["queued/places_are_taken_from_one_row_or_from_all.test.sql"];
const overdue = ["dispatch/takes_an_overdue_job_from_a_run_that_reports.test.sql"];
const finds = ["claim_jobs/finds_each_kind_of_waiting_work.test.sql"];
const late = ["claim_jobs/sees_a_late_commit_while_claims_go_on.test.sql"];
const capped = ["settle_and_claim/wakes_the_capped_queues_of_jobs_that_ended.test.sql"];
const unlocked = ["promote/keeps_the_wake_ups_of_queues_that_it_could_not_lock.test.sql"];
const parked = ["promote/looks_twice_at_an_empty_queue.test.sql"];
const filter = ["list_jobs/each_member_of_the_filter_counts_for_all_tenants_too.test.sql"];

/** Single lines of jobs, queues, runs and the dispatcher whose fault no test noticed. */
export const lines: Mutant[] = [
  {
    name: "a run with an overdue job is reclaimed as a whole",
    file: schema("40_runs/reclaim_lost_runs"),
    find:
      "  where r.id = p_run_id and r.state = 'live' and r.lease_expires_at < p_now\n  for no key",
    replace: "  where r.id = p_run_id and r.state = 'live'\n  for no key",
    tests: overdue,
  },
  {
    name: "a due job alone is no reason to look",
    file: schema("40_runs/claim_for"),
    find: "exists (select from jobforge.queues as q where q.wake_at <= p_now)",
    replace: "false",
    tests: finds,
  },
  {
    name: "a job that another run set aside is no reason to look",
    file: schema("40_runs/claim_for"),
    find: "    or exists (select from jobforge.unclaimed) or",
    replace: "    or",
    tests: finds,
  },
  {
    name: "a quarantined job that may not start stops the others",
    file: schema("40_runs/claim_for"),
    find: "    if coalesce(v_claimed.count, 0) = 0 and not p_alone then",
    replace: "    if v_claimed.count = 0 and not p_alone then",
    tests: ["claim_jobs/goes_on_beside_quarantined_jobs_that_may_not_start.test.sql"],
  },
  {
    name: "each claim puts off the look at late commits",
    file: schema("40_runs/02_claim"),
    find:
      "case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at\n        else p_now end",
    replace: "p_now",
    tests: late,
  },
  {
    name: "each claim of one job puts off the look at late commits",
    file: schema("40_runs/claim_one"),
    find:
      "case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at\n        else p_now end",
    replace: "p_now",
    tests: late,
  },
  {
    name: "a claim that goes on gives more than asked for",
    file: schema("40_runs/02_claim"),
    find: "p_limit - v_claimed.count, v_bytes,",
    replace: "p_limit, v_bytes,",
    tests: ["claim_jobs/takes_no_more_than_asked_for_over_several_turns.test.sql"],
  },
  {
    name: "a run makes jobs ready that others take",
    file: schema("40_runs/unclaimed"),
    find: "where p_types is null or next.type = any (p_types)",
    replace: "where true",
    tests: ["claim_jobs/leaves_what_it_cannot_take_where_it_lies.test.sql"],
  },
  {
    name: "a batch of successes wakes the other queues that have a cap",
    file: schema("40_runs/settle_succeeded"),
    find: "q.id = any (array(select distinct counted.queue_id",
    replace: "q.id <> all (array(select distinct counted.queue_id",
    tests: capped,
  },
  {
    name: "a result that is none is stored beside one",
    file: schema("40_runs/settle_succeeded"),
    find: "    where p_results is not null and sent.result is not null",
    replace: "    where p_results is not null",
    tests: ["settle_and_claim/keeps_no_result_when_there_is_none.test.sql"],
  },
  {
    name: "the refused have the name of their worker at any length",
    file: schema("40_runs/start_run"),
    find: "set state = 'refused', ticket_hash = null, worker = left(p_worker, 200),",
    replace: "set state = 'refused', ticket_hash = null, worker = p_worker,",
    tests: ["start_run/keeps_what_the_worker_reports_of_itself.test.sql"],
  },
  {
    name: "places of a former limit count as held",
    file: schema("30_queues/full_queue"),
    find: "queue_slots.epoch = coalesce(p_epoch, (",
    replace: "queue_slots.epoch = coalesce(null, (",
    tests: places,
  },
  {
    name: "a row that is just large enough is passed by",
    file: schema("30_queues/enter_queue"),
    find: "unlocked.free >= p_count",
    replace: "unlocked.free > p_count",
    tests: places,
  },
  {
    name: "what a former limit owes counts",
    file: schema("30_queues/enter_queue"),
    find:
      "        and owed.epoch = (select max(latest.epoch) from jobforge.queue_slots as latest\n          where latest.queue_id = p_queue_id)\n",
    replace: "",
    tests: places,
  },
  {
    name: "compacted counters are lost",
    file: schema("30_queues/counters"),
    find: "select taken.queue_id, sum(taken.enqueued), sum(taken.returned) from taken",
    replace: "select taken.queue_id, max(taken.enqueued), sum(taken.returned) from taken",
    tests: ["queued/counters_are_compacted_by_queue.test.sql"],
  },
  {
    name: "the wake-ups of a queue that is held go",
    file: schema("30_queues/promote"),
    find: "    where done.id = any (v_ids) and (done.queue_id = any (v_looked)\n",
    replace: "    where done.id = any (v_ids) and (done.queue_id > 0\n",
    tests: unlocked,
  },
  {
    name: "a queue that is held is parked no more",
    file: schema("30_queues/promote"),
    find: "        or locked.queue_id <> all (coalesce(v_filled, '{}')) and (\n",
    replace: "        or (\n",
    tests: unlocked,
  },
  {
    name: "one look at a parked queue is enough",
    file: schema("30_queues/promote"),
    find: "              and (locked.horizon is not null or fresh.ctid > locked.ctid)))))",
    replace: "              or true))))",
    tests: parked,
  },
  {
    name: "a rate follows the settings of another queue",
    file: schema("30_queues/look_at"),
    find: "    and jobforge_queues.queue = q.queue\n    and jobforge_queues.rate_limit is not null",
    replace: "    and jobforge_queues.rate_limit is not null",
    tests: ["configure_queue/a_rate_is_that_of_its_own_queue.test.sql"],
  },
  {
    name: "the queue of a filter counts for one tenant only",
    file: schema("20_jobs/list_jobs"),
    find: `
      and (p_filter.queue is null or coalesce((
        select q.queue::text from jobforge.queues as q where q.id = j.queue_id), 'default')
        = any (p_filter.queue))`,
    replace: "",
    tests: filter,
  },
  {
    name: "a page of a filter reads no more than it shows",
    file: schema("20_jobs/list_jobs"),
    find: "p_filter.created_after, p_filter.created_before) = 0",
    replace: "p_filter.created_after, p_filter.created_before) < 9",
    tests: filter,
  },
  {
    name: "the keys of all jobs end with one",
    file: schema("20_jobs/cleanup"),
    find: "    where j.tenant_id = p_tenant_id and j.id = any (p_job_ids)\n      and k.job_id",
    replace: "    where j.tenant_id = p_tenant_id\n      and k.job_id",
    tests: ["cleanup/ends_the_keys_of_the_jobs_it_deletes_alone.test.sql"],
  },
  {
    name: "a request to cancel outlives its job",
    file: schema("20_jobs/cleanup"),
    find:
      "  where cancel_requests.tenant_id = p_tenant_id and cancel_requests.job_id = any (p_ids);",
    replace: "  where false;",
    tests: ["cleanup/deletes_all_that_belongs_to_a_job_and_nothing_else.test.sql"],
  },
  {
    name: "a job is explained by the queue of another tenant",
    file: schema("20_jobs/explain_job"),
    find:
      "left join jobforge.queues as q on q.tenant_id = p_job.tenant_id and q.queue = p_job.queue",
    replace: "left join jobforge.queues as q on q.queue = p_job.queue",
    tests: ["explain_job/looks_at_its_own_queue_alone.test.sql"],
  },
  {
    name: "the jobs of a queue start by the cap of another",
    file: schema("50_dispatch/ready_jobs"),
    find:
      "      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue\n    cross join lateral (\n      select 1 as one",
    replace:
      "      on jobforge_queues.tenant_id = q.tenant_id\n    cross join lateral (\n      select 1 as one",
    tests: ["dispatch/counts_what_each_queue_may_start.test.sql"],
  },
  {
    name: "a queue that raises takes others of its tenant with it",
    file: schema("40_runs/04_queue_faults"),
    find:
      "        on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue\n",
    replace: "        on jobforge_queues.tenant_id = q.tenant_id\n",
    tests: ["claim_jobs/leaves_out_the_queue_that_raises_alone.test.sql"],
  },
  {
    name: "the first jobs of others go with those of an erased tenant",
    file: schema("30_queues/newcomers"),
    find:
      "      select next.ctid from jobforge.newcomers as next\n      where next.tenant_id = p_tenant_id\n      limit 1000\n      for update skip locked))\n    returning newcomers.id\n",
    replace:
      "      select next.ctid from jobforge.newcomers as next\n      limit 1000\n      for update skip locked))\n    returning newcomers.id\n",
    tests: ["promote/drops_the_first_jobs_of_an_erased_tenant_alone.test.sql"],
  },
  {
    name: "a page ends where the last tenant has more",
    file: schema("20_jobs/list_jobs"),
    find: "    order by id desc limit 1\n  )\n  select array_agg",
    replace: "    order by id limit 1\n  )\n  select array_agg",
    tests: ["list_jobs/skips_no_job_behind_those_of_another_tenant.test.sql"],
  },
  {
    name: "a change of retention is not audited",
    file: schema("20_jobs/configure_retention"),
    find:
      "  perform jobforge.audit_change('configure_retention', null, null, v_before, v_after);\n",
    replace: "",
    tests: ["configure_retention/refuses_less_than_a_day.test.sql"],
  },
  {
    name: "a cancellation returns the jobs of all tenants",
    file: schema("20_jobs/cancel_job"),
    find: "  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;",
    replace: ";",
    tests: ["cancel_job/returns_the_job_that_it_names_alone.test.sql"],
  },
  {
    name: "the host of a delivery is that of any connector of its name",
    file: schema("20_jobs/explain_job"),
    find: "          and jobforge_connector_configs.connector = p_job.type\n",
    replace: "",
    tests: ["explain_job/reports_that_the_host_is_closed.test.sql"],
  },
  {
    name: "an answer from before the call is its own",
    file: schema("50_dispatch/answers"),
    find: "\n      and answer.created >= v_run.created_at - interval '1 minute';",
    replace: ";",
    tests: ["record_answers/takes_no_answer_from_before_a_call.test.sql"],
  },
];
