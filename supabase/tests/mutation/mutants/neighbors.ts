import { type Mutant, schema } from "../mutant.ts";

const newcomers = schema("30_queues/newcomers");
const reclaim = schema("40_runs/reclaim_lost_runs");
const beside = ["dispatch/reclaims_the_jobs_of_others_beside_one_that_raises.test.sql"];
const behind = ["dispatch/reclaims_the_runs_of_others_behind_one_that_fails.test.sql"];
const noQueue = ["promote/goes_on_when_the_queue_of_a_tenant_cannot_be_made.test.sql"];
const oneRow = [
  "promote/writes_one_row_for_a_tenant_whose_queue_cannot_be_made.test.sql",
];
const promote = schema("30_queues/promote");
const once = ["promote/looks_once_at_the_tenants_whose_queues_cannot_be_made.test.sql"];
const waits = ["supabase/tests/concurrency/bounded_waits_test.ts"];
const exact = ["queued/a_limit_is_exact_after_jobs_that_did_not_know_it.test.sql"];

/** Faults by which one tenant's error, or its open transaction, reaches others or its own limit. */
export const neighbors: Mutant[] = [
  {
    name: "a schedule that cannot be changed stops every schedule",
    file: schema("60_schedules/fire_schedules"),
    find: "  -- A trigger of the application rejects each change of the row. The others fire.",
    replace: "  raise;",
    tests: ["fire_schedules/fires_the_others_when_a_schedule_cannot_be_changed.test.sql"],
  },
  {
    name: "a tenant whose queue cannot be made stops every claim",
    file: newcomers,
    find:
      "      -- A foreign key or a trigger of the application, for example. Only this tenant waits.",
    replace: "      raise;",
    tests: noQueue,
  },
  {
    name: "a tenant whose queue cannot be made is tried by each claim",
    file: newcomers,
    find: "failed_newcomers.failed_at >= p_now - interval '10 seconds')",
    replace: "false)",
    tests: noQueue,
  },
  {
    name: "each wake-up reads all tenants whose queues cannot be made",
    file: promote,
    find: "or done.queue_id = 0 and v_settled",
    replace:
      "or done.queue_id = 0 and jobforge.next_newcomer(\n        '00000000-0000-0000-0000-000000000000', p_now) is null",
    tests: once,
  },
  {
    name: "the next job of a tenant whose queue cannot be made is a reason to try again",
    file: newcomers,
    find: "where failed_newcomers.tenant_id = v_tenant_id\n",
    replace: "where (select count(*) from jobforge.newcomers) % 50 = 0\n",
    tests: oneRow,
  },
  {
    name: "a tenant whose queue can be made counts as failed",
    file: newcomers,
    find: "where made.tenant_id = p_tenant_id\n",
    replace: "where false\n",
    tests: oneRow,
  },
  {
    name: "a tenant whose queue cannot be made is no failure of the dispatcher",
    file: schema("50_dispatch/dispatch"),
    find: "where newcomers.tenant_id = failed.tenant_id)",
    replace: "where false)",
    tests: noQueue,
  },
  {
    name: "a lease that raises stops the reclaim of the others of its run",
    file: reclaim,
    find: "null; -- the lease stays, and with it the run",
    replace: "raise;",
    tests: beside,
  },
  {
    name: "a lost run ends although leases of it are left",
    file: reclaim,
    find: "\n      and not exists (select from jobforge.leases where leases.run_id = p_run_id);",
    replace: ";",
    tests: beside,
  },
  {
    name: "a run that cannot be reclaimed is no failure of the dispatcher",
    file: reclaim,
    find: "  return v_error;\nend",
    replace: "  return null;\nend",
    tests: beside,
  },
  {
    name: "a run that cannot be reclaimed is tried before the others again",
    file: reclaim,
    find: "      perform jobforge.put_behind(v_run_id, p_now);\n",
    replace: "",
    tests: behind,
  },
  {
    name: "lost runs come in the order of their start",
    file: reclaim,
    find: "order by least(r.lease_expires_at, r.overdue_at), r.id",
    replace: "order by r.id",
    tests: behind,
  },
  {
    name: "the leases of a run that cannot be reclaimed take any time",
    file: reclaim,
    find: "    end;\n    exit when clock_timestamp() >= p_until;\n  end loop;\n  return v_error;",
    replace: "    end;\n  end loop;\n  return v_error;",
    tests: behind,
  },
  {
    name: "the first jobs of a tenant take no places",
    file: newcomers,
    find: "perform jobforge.give_slots(array[v_queue_id], array[-v_count]);",
    replace: "null;",
    tests: exact,
  },
  {
    name: "nothing makes up for jobs that did not know a limit",
    file: schema("30_queues/counters"),
    find: "where limited.missing <> 0;",
    replace: "where false;",
    tests: exact,
  },
  {
    name: "a queue without a limit gets places",
    file: schema("30_queues/counters"),
    find: "\n    where jobforge_queues.max_queued is not null\n  ) as limited",
    replace: "\n  ) as limited",
    tests: exact,
  },
  {
    name: "a bulk change waits for an open one",
    file: schema("20_jobs/change_jobs"),
    find: "set lock_timeout = '1s' -- a cancellation",
    replace: "set lock_timeout = '0' -- a cancellation",
    tests: waits,
  },
  {
    name: "a change of secrets waits for an open one",
    file: schema("70_connectors/02_secrets"),
    find: "set lock_timeout = '1s'",
    replace: "set lock_timeout = '0'",
    tests: waits,
  },
  {
    name: "maintenance ends secrets beside an open change of the tenant's",
    file: schema("70_connectors/prune_connectors"),
    find:
      "continue when not pg_try_advisory_xact_lock(1246708236, hashtext(v_secret.tenant_id::text));",
    replace: "",
    tests: waits,
  },
  {
    name: "an erasure leaves the place of a walk",
    file: schema("87_tenants/erasure_steps"),
    find: "set position = null where position ->> 0 = p_tenant_id::text;",
    replace: "set position = null where false;",
    tests: ["erase_tenant/leaves_no_place_of_a_walk.test.sql"],
  },
  {
    name: "a user sees the number of a run",
    file: schema("20_jobs/explain_job"),
    find: "|| case when jobforge.is_service() then",
    replace: "|| case when true then",
    tests: ["explain_job/reports_the_run_that_holds_the_job.test.sql"],
  },
  {
    name: "an erasure leaves a notification that waits",
    file: schema("87_tenants/erase_notifications"),
    find: "perform jobforge.cancel(v_operator, v_ids);",
    replace: "null;",
    tests: ["erase_tenant/leaves_no_notification_that_waits.test.sql"],
  },
  {
    name: "the key of a notification about an erased tenant is kept forever",
    file: schema("87_tenants/erase_notifications"),
    find: "coalesce(jobforge.end_keys(v_operator, v_ended), '{}')",
    replace: "'{}'::uuid[]",
    tests: ["erase_tenant/leaves_no_notification_that_waits.test.sql"],
  },
  {
    name: "an erasure finishes while a notification is sent",
    file: schema("87_tenants/erase_tenant"),
    find: "or jobforge.erase_notifications(p_erasure.tenant_id) > 0",
    replace: "or jobforge.erase_notifications(p_erasure.tenant_id) < 0",
    tests: ["erase_tenant/leaves_no_notification_that_waits.test.sql"],
  },
  {
    name: "many wake-ups of a tenant keep those of others waiting",
    file: schema("30_queues/promote"),
    find: "if cardinality(v_ids) = 1000 then",
    replace: "if false then",
    tests: ["promote/finds_a_tenant_behind_the_wake_ups_of_another.test.sql"],
  },
];
