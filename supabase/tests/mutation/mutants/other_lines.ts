import { type Mutant, schema } from "../mutant.ts";

const held = ["fire_schedules/tries_again_where_open_transactions_hold_places.test.sql"];
const kept = ["maintain/keeps_each_kind_of_row_to_the_end_of_its_time.test.sql"];
const success = ["report_delivery/succeeds_with_any_status_from_200_to_299.test.sql"];
const secrets = ["set_secret/a_secret_has_as_many_bytes_as_its_form_needs.test.sql"];
const limits = ["configure_connector/takes_settings_at_their_limits.test.sql"];

/** Single lines beside the heart whose fault no test noticed. */
export const otherLines: Mutant[] = [
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
  {
    name: "messages of other tenants take places of a page",
    file: schema("75_destinations/recover_deliveries"),
    find: "where message.tenant_id = v_tenant_id\n",
    replace: "where true\n",
    tests: ["recover_deliveries/reads_the_messages_of_its_tenant_alone.test.sql"],
  },
  {
    name: "a number of an address ends at 249",
    file: schema("70_connectors/00_callable_hosts"),
    find: "'(?:25[0-5]|2[0-4][0-9]|",
    replace: "'(?:2[0-4][0-9]|",
    tests: ["configure_connector/takes_every_address_and_host_name.test.sql"],
  },
  {
    name: "an attempt as long as a bound is beyond it",
    file: schema("80_metrics/roll_up"),
    find: "width_bucket(attempt.duration - 1,",
    replace: "width_bucket(attempt.duration,",
    tests: ["roll_up/counts_an_attempt_up_to_the_bound_of_its_bucket.test.sql"],
  },
  {
    name: "closed alerts count as open ones",
    file: schema("80_metrics/metrics"),
    find: "on alerts.rule = alert_rules.rule and alerts.closed_at is null",
    replace: "on alerts.rule = alert_rules.rule",
    tests: ["metrics/counts_the_open_alerts_of_each_rule.test.sql"],
  },
  {
    name: "each turn of schedules leaves a row",
    file: schema("60_schedules/fire_schedules"),
    find: "where id = (select id from jobforge.firing_periods limit 1",
    replace: "where id <> (select id from jobforge.firing_periods limit 1",
    tests: ["fire_schedules/misses_nothing_while_the_dispatcher_runs.test.sql"],
  },
  {
    name: "a calendar without a next occurrence has no problem",
    file: schema("60_schedules/fill_calendar"),
    find:
      "    perform jobforge.note_problem(p_schedule.id, 'the worker found no next occurrence');\n",
    replace: "",
    tests: ["fill_calendar/follows_the_clocks_of_its_zone.test.sql"],
  },
  {
    name: "closings that were sent hold back new openings",
    file: schema("85_alerts/notify"),
    find: "\n      and recovery_notified_at is null\n",
    replace: "\n",
    tests: ["evaluate_alerts/sends_new_notifications_beside_many_that_were_sent.test.sql"],
  },
  {
    name: "a secret that was revoked is old",
    file: schema("85_alerts/readings"),
    find: "    where vault_id is not null\n",
    replace: "    where true\n",
    tests: ["evaluate_alerts/reads_at_the_limits.test.sql"],
  },
  {
    name: "an erasure takes the requests to cancel of all others",
    file: schema("87_tenants/erasure_steps"),
    find:
      "  delete from jobforge.cancel_requests where cancel_requests.tenant_id = p_erasure.tenant_id;",
    replace:
      "  delete from jobforge.cancel_requests where cancel_requests.tenant_id <> p_erasure.tenant_id;",
    tests: ["erase_tenant/touches_no_row_of_another_tenant.test.sql"],
  },
];
