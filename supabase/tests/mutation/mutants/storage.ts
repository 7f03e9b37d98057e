import { type Mutant, schema } from "../mutant.ts";

/** Faults in where jobs lie, how queues sleep and wake, and how they are counted. */
export const storage: Mutant[] = [
  {
    name: "a page over all tenants sorts every job",
    file: schema("18_storage/00_jobs"),
    find: "constraint jobs_pkey primary key (tenant_id, id)",
    replace: "constraint jobs_pkey primary key (id, tenant_id)",
    tests: ["list_jobs/a_service_walks_over_all_tenants_by_the_key.test.sql"],
  },
  {
    name: "a parked queue is not noted",
    file: schema("30_queues/look_at"),
    find:
      "  insert into jobforge.parked_queues (queue_id) select empty.id from unnest(v_empty) as empty (id);\n",
    replace: "",
    tests: ["supabase/tests/concurrency/wakeups_test.ts"],
  },
  {
    name: "a note ends although an enqueue is open",
    file: schema("30_queues/promote"),
    find: "not jobforge.is_open_before(locked.horizon, v_snapshot)",
    replace: "true",
    tests: ["supabase/tests/concurrency/wakeups_test.ts"],
  },
  {
    name: "an enqueue at a higher isolation level relies on what it saw",
    file: schema("30_queues/enter_queue"),
    find:
      "  if current_setting('transaction_isolation') <> 'read committed' then\n    return true;\n  elsif",
    replace: "  if",
    tests: ["supabase/tests/concurrency/wakeups_test.ts"],
  },
  {
    name: "every enqueue into a sleeping queue leaves a wake-up",
    file: schema("20_jobs/enqueue_job"),
    find:
      "      else not exists (\n        select from jobforge.wakeups\n        where wakeups.queue_id = q.id and wakeups.ready and wakeups.type = p_type)",
    replace: "      else true",
    tests: ["supabase/tests/concurrency/wakeups_test.ts"],
  },
  {
    name: "a start gives no place back",
    file: schema("40_runs/02_claim"),
    find: "      perform jobforge.give_slots(v_taken.queue_ids, v_taken.counts);\n",
    replace: "      null;\n",
    tests: ["supabase/tests/concurrency/stress_test.ts"],
  },
  {
    name: "a job that is queued again takes no place",
    file: schema("40_runs/settle"),
    find:
      "  perform jobforge.give_slots(v_queue_ids, array(select -n from unnest(v_counts) as n));\n",
    replace: "",
    tests: ["supabase/tests/concurrency/stress_test.ts"],
  },
  {
    name: "a canceled job keeps its place",
    file: schema("30_queues/enter_queue"),
    find: "  perform jobforge.give_slots(v_queue_ids, v_counts);\n",
    replace: "",
    tests: ["supabase/tests/concurrency/stress_test.ts"],
  },
  {
    name: "a canceled job stays ready",
    file: schema("20_jobs/00_take_waiting"),
    find:
      "    delete from jobforge.ready where ready.ctid = any (array(\n      select next.ctid from open join jobforge.ready as next on next.queue_id = open.queue_id\n        and next.priority = open.priority and next.id = open.id\n      for update of next skip locked))\n    returning ready.id, ready.queue_id",
    replace:
      "    select next.id, next.queue_id from open join jobforge.ready as next\n      on next.queue_id = open.queue_id and next.priority = open.priority and next.id = open.id\n    for update of next skip locked",
    tests: ["supabase/tests/concurrency/stress_test.ts"],
  },
  {
    name: "a cap counts nothing",
    file: schema("40_runs/02_claim"),
    find: "    if v_capped.running then",
    replace: "    if false then",
    tests: ["supabase/tests/concurrency/claims_test.ts"],
  },
];
