import { type Mutant, schema } from "../mutant.ts";

const places = ["queued/places_are_taken_from_one_row_or_from_all.test.sql"];
const overdue = ["dispatch/takes_an_overdue_job_from_a_run_that_reports.test.sql"];
const finds = ["claim_jobs/finds_each_kind_of_waiting_work.test.sql"];
const late = ["claim_jobs/sees_a_late_commit_while_claims_go_on.test.sql"];
const capped = ["settle_and_claim/wakes_the_capped_queues_of_jobs_that_ended.test.sql"];
const unlocked = ["promote/keeps_the_wake_ups_of_queues_that_it_could_not_lock.test.sql"];
const parked = ["promote/looks_twice_at_an_empty_queue.test.sql"];
const held = ["fire_schedules/tries_again_where_open_transactions_hold_places.test.sql"];
const filter = ["list_jobs/each_member_of_the_filter_counts_for_all_tenants_too.test.sql"];
const kept = ["maintain/keeps_each_kind_of_row_to_the_end_of_its_time.test.sql"];
const success = ["report_delivery/succeeds_with_any_status_from_200_to_299.test.sql"];
const secrets = ["set_secret/a_secret_has_as_many_bytes_as_its_form_needs.test.sql"];
const limits = ["configure_connector/takes_settings_at_their_limits.test.sql"];

/** Single lines whose fault no test noticed. */
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
    tests: ["start_run/keeps_what_the_worker_says_of_itself.test.sql"],
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
    find:
      "    and jobforge_queues.queue = q.queue\n    and q.tat_interval <> jobforge.rate_interval(jobforge_queues);",
    replace: "    and q.tat_interval <> jobforge.rate_interval(jobforge_queues);",
    tests: ["configure_queue/a_rate_is_that_of_its_own_queue.test.sql"],
  },
  {
    name: "a start whose place is held counts as failed",
    file: schema("60_schedules/01_start_occurrence"),
    find: "\n      or v_detail = 'queue_full' and (v_hint::jsonb ->> 'held')::bigint > 0;",
    replace: ";",
    tests: held,
  },
  {
    name: "a paused schedule starts what was postponed",
    file: schema("60_schedules/fan_out"),
    find: "where jobforge_schedules.id = v_start.schedule_id and not jobforge_schedules.paused;",
    replace: "where jobforge_schedules.id = v_start.schedule_id;",
    tests: held,
  },
  {
    name: "an occurrence is on time two minutes before the first turn",
    file: schema("60_schedules/fire_schedules"),
    find: "where due_at > p_since - interval '1 minute'",
    replace: "where due_at > p_since - interval '2 minutes'",
    tests: ["fire_schedules/is_on_time_a_minute_before_its_first_turn.test.sql"],
  },
  {
    name: "a window ends before the hour that comes again",
    file: schema("60_schedules/local_time"),
    find: "(abs(extract(epoch from beside.ahead)) / 60\n      + abs",
    replace: "(abs",
    tests: ["fill_calendar/looks_far_enough_around_a_clock_change.test.sql"],
  },
  {
    name: "two users may take one slot",
    file: schema("60_schedules/free_slot"),
    find: "if pg_try_advisory_xact_lock(1246708307, hashtext(p_tenant_id || '/' || v_slot)) then",
    replace: "if true then",
    tests: ["configure_schedule/lets_a_tenant_make_a_bounded_number.test.sql"],
  },
  {
    name: "the queue of a filter counts for one tenant only",
    file: schema("20_jobs/list_jobs"),
    find: "      and (p_filter.queue is null or scanned.queue = any (p_filter.queue))\n",
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
    name: "runs are kept for eight days",
    file: schema("45_maintenance/prune"),
    find: "r_old.ended_at < p_now - interval '7 days'",
    replace: "r_old.ended_at < p_now - interval '8 days'",
    tests: kept,
  },
  {
    name: "a key goes at the moment of its end",
    file: schema("45_maintenance/prune"),
    find: "where k_old.expires_at < p_now",
    replace: "where k_old.expires_at <= p_now",
    tests: kept,
  },
  {
    name: "a response of 300 holds a delivery no more",
    file: schema("75_destinations/report_delivery"),
    find: "held = held and coalesce(p_status not between 200 and 299, true)",
    replace: "held = held and coalesce(p_status not between 200 and 300, true)",
    tests: success,
  },
  {
    name: "a response of 299 is a failure",
    file: schema("75_destinations/report_delivery"),
    find: "coalesce(p_status between 200 and 299, false);",
    replace: "coalesce(p_status between 200 and 298, false);",
    tests: success,
  },
  {
    name: "another message under way is a duplicate",
    file: schema("75_destinations/redeliver"),
    find: "where sent.message_id = p_message_id and sent.tenant_id = v_tenant_id\n    and",
    replace: "where sent.tenant_id = v_tenant_id\n    and",
    tests: ["redeliver/looks_at_this_message_and_destination_alone.test.sql"],
  },
  {
    name: "a deletion does not lock the secrets",
    file: schema("75_destinations/delete_destination"),
    find: "  perform jobforge.lock_secrets_of(v_tenant_id);\n",
    replace: "",
    tests: ["delete_destination/waits_for_changes_of_the_tenants_secrets.test.sql"],
  },
  {
    name: "a deleted message puts off the next probe",
    file: schema("75_destinations/check_destinations"),
    find: "if v_held = 0 or v_state.probe_job_id is not null then",
    replace: "if true then",
    tests: ["check_destinations/looks_again_in_five_minutes.test.sql"],
  },
  {
    name: "a new connector had what another one has",
    file: schema("70_connectors/configure_connector"),
    find:
      "  where tenant_id = p_tenant_id and connector = p_connector and name = p_name\n  for no key",
    replace: "  where tenant_id = p_tenant_id and connector = p_connector\n  for no key",
    tests: ["audit/a_new_connector_has_nothing_before.test.sql"],
  },
  {
    name: "a signing secret without padding is stored",
    file: schema("70_connectors/03_secret_forms"),
    find: "      or length(p_value) % 4 <> 2\n",
    replace: "",
    tests: secrets,
  },
  {
    name: "sixteen bytes of base64 are too few",
    file: schema("70_connectors/03_secret_forms"),
    find: "when 'base64' then case when jobforge.base64_bytes(p_value) < 16",
    replace: "when 'base64' then case when jobforge.base64_bytes(p_value) <= 16",
    tests: secrets,
  },
  {
    name: "one port is too few",
    file: schema("70_connectors/00_config_schemas"),
    find: `"ports": {"type": "array", "min": 1,`,
    replace: `"ports": {"type": "array", "min": 2,`,
    tests: limits,
  },
  {
    name: "twenty-one headers of a response are kept",
    file: schema("70_connectors/00_config_schemas"),
    find: `"response_headers": {"type": "array", "min": 0, "max": 20,`,
    replace: `"response_headers": {"type": "array", "min": 0, "max": 21,`,
    tests: limits,
  },
  {
    name: "many new alerts close an open one",
    file: schema("85_alerts/evaluate_alerts"),
    find: "    order by alerts.id is null, highest.value desc\n",
    replace: "    order by highest.value desc\n",
    tests: ["evaluate_alerts/keeps_an_open_alert_beside_a_hundred_new_ones.test.sql"],
  },
  {
    name: "a queue with one start left counts as none that can start",
    file: schema("85_alerts/run_readings"),
    find: "where jobforge.available_starts(q, jobforge_queues, p_now) > 0",
    replace: "where jobforge.available_starts(q, jobforge_queues, p_now) > 1",
    tests: ["evaluate_alerts/reads_at_the_limits.test.sql"],
  },
  {
    name: "the usual volume ignores the time that passed",
    file: schema("85_alerts/observations"),
    find: "* (1 - exp(-greatest(",
    replace: "* (2 - exp(-greatest(",
    tests: ["evaluate_alerts/the_usual_volume_follows_within_an_hour.test.sql"],
  },
  {
    name: "an erasure takes the places of all other queues",
    file: schema("87_tenants/erasure_steps"),
    find: "delete from jobforge.queue_slots where queue_slots.ctid = any (array(",
    replace: "delete from jobforge.queue_slots where queue_slots.ctid <> any (array(",
    tests: ["erase_tenant/touches_no_row_of_another_tenant.test.sql"],
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
    name: "a task is late by its period, however short",
    file: schema("45_maintenance/00_tasks"),
    find: "task.next_at < p_now - greatest(task.every, interval '2 minutes')",
    replace: "task.next_at < p_now - task.every",
    tests: ["doctor/a_task_is_late_by_its_period_or_two_minutes.test.sql"],
  },
  {
    name: "a range may end beyond its field",
    file: schema("60_schedules/expression"),
    find: "or greatest(low, high) > highest",
    replace: "or least(low, high) > highest",
    tests: ["configure_schedule/each_field_has_its_range.test.sql"],
  },
];
