import { type Mutant, schema } from "../mutant.ts";

const sending = schema("55_realtime/00_hints");
const watching = schema("55_realtime/watch_jobs");
const test = (name: string) => [`watch_jobs/${name}.test.sql`];
const eachChange = test("sends_each_change_of_a_watched_job");
const ofTenant = test("sends_the_jobs_of_a_watched_tenant");
const unwatched = test("sends_nothing_that_is_not_watched");
const isPrivate = test("keeps_topics_private");
const client = ["supabase/functions/tests/watch_test.ts"];
const waits = ["supabase/tests/concurrency/watches_test.ts"];

/** Faults in what is broadcast about jobs, and to which clients. */
export const hints: Mutant[] = [
  {
    name: "a hint ends no pause of the client",
    file: "shared/client/hints.ts",
    find: "    this.#wake?.();",
    replace: "",
    tests: client,
  },
  {
    name: "the first of two that watch leaves their topic",
    file: "shared/client/hints.ts",
    find: "  if (topic.listeners.size === 0) topic.gone",
    replace: "  topic.gone",
    tests: client,
  },
  {
    name: "a watch that expired sends hints",
    file: sending,
    find: "        where valid.expires_at > p_now) as watches",
    replace: "        where true or valid.expires_at > p_now) as watches",
    tests: unwatched,
  },
  {
    name: "a hint goes to every watched tenant",
    file: sending,
    find: "        on watches.tenant_id = changed.tenant_id\n        and coalesce(",
    replace: "        on coalesce(",
    tests: unwatched,
  },
  {
    name: "a hint of a job goes to the topic of another",
    file: sending,
    find: "        and coalesce(watches.job_id = changed.id, watches.job_id is null)",
    replace: "",
    tests: eachChange,
  },
  {
    name: "a hint is public",
    file: sending,
    find: "'jobs', hints.topic, true)",
    replace: "'jobs', hints.topic, false)",
    tests: eachChange,
  },
  {
    name: "a hint has the progress",
    file: sending,
    find: "'attempt', j.attempts)",
    replace: "'attempt', j.attempts, 'progress', j.progress)",
    tests: eachChange,
  },
  {
    name: "a transaction sends a hint for each change",
    file: sending,
    find: "    where sent.inserted_at = localtimestamp and",
    replace: "    where false and",
    tests: ofTenant,
  },
  {
    name: "a hint has any number of jobs",
    file: sending,
    find: "    where watched.rank <= 50\n",
    replace: "",
    tests: ofTenant,
  },
  {
    name: "a hint that fails fails its statement",
    file: sending,
    find: "exception when others then\n  raise warning 'jobforge: hint: %'",
    replace: "exception when division_by_zero then\n  raise warning 'jobforge: hint: %'",
    tests: test("polls_without_realtime"),
  },
  {
    name: "a hint waits for a lock",
    file: sending,
    find: "set lock_timeout = '50ms'",
    replace: "set lock_timeout = '0'",
    tests: waits,
  },
  {
    name: "a start is not broadcast",
    file: sending,
    find: "    union all\n    (select held from unnest(v_after) as held",
    replace: "    union all\n    (select held from unnest(p_before) as held",
    tests: eachChange,
  },
  {
    name: "any user may watch any job",
    file: watching,
    find: "(jobforge.find_job(p_job_id, p_tenant_id)).tenant_id end;",
    replace: "(select j.tenant_id from jobforge.jobs as j where j.id = p_job_id) end;",
    tests: test("watches_what_the_caller_may_read"),
  },
  {
    name: "a tenant may watch without a limit",
    file: watching,
    find: "watches.expires_at > v_now offset 99)",
    replace: "watches.expires_at > v_now offset 100)",
    tests: test("bounds_the_watches_of_a_tenant"),
  },
  {
    name: "each call adds a watch",
    file: watching,
    find: "coalesce(v_expires_at < v_now + interval '1 minute', true)",
    replace: "true",
    tests: test("bounds_the_watches_of_a_tenant"),
  },
  {
    name: "a watch of an open transaction is waited for",
    file: watching,
    find:
      "    where expired.tenant_id = v_tenant_id and expired.expires_at <= v_now\n    limit 100\n" +
      "    for update skip locked));",
    replace: "    where expired.tenant_id = v_tenant_id\n    limit 100\n    for update));",
    tests: waits,
  },
  {
    name: "jobs are watched without the policies",
    file: watching,
    find: "  select count(*) = 3 from pg_policy",
    replace: "  select count(*) > 0 from pg_policy",
    tests: test("polls_without_realtime"),
  },
  {
    name: "a user joins the topic of any tenant",
    file: watching,
    find: "    and split_part(p_topic, ':', 2) = any (jobforge.tenant_ids()::text[]);",
    replace: "    and jobforge.tenant_ids() <> '{}';",
    tests: isPrivate,
  },
  {
    name: "the tenant may stand anywhere in a topic",
    file: watching,
    find: "split_part(p_topic, ':', 2) = any (jobforge.tenant_ids()::text[])",
    replace: "string_to_array(p_topic, ':') && jobforge.tenant_ids()::text[]",
    tests: isPrivate,
  },
  {
    name: "an open policy of the application opens the topics",
    file: watching,
    find: "    using (not starts_with(topic, 'jobforge:')\n      or extension",
    replace: "    using (true\n      or extension",
    tests: isPrivate,
  },
  {
    name: "an open policy of the application lets clients send hints",
    file: watching,
    find: "    with check (not starts_with(topic, 'jobforge:'));",
    replace: "    with check (true);",
    tests: isPrivate,
  },
  {
    name: "other roles join beside an open policy",
    file: watching,
    find: "    using (not starts_with(topic, 'jobforge:') or current_user = 'authenticated')",
    replace: "    using (true)",
    tests: isPrivate,
  },
  {
    name: "topics of the application are closed",
    file: watching,
    find: "    using (not starts_with(topic, 'jobforge:') or current_user = 'authenticated')",
    replace: "    using (current_user = 'authenticated')",
    tests: isPrivate,
  },
  {
    name: "presence is readable",
    file: watching,
    find: "      or extension = 'broadcast' and jobforge.may_receive(topic));",
    replace: "      or jobforge.may_receive(topic));",
    tests: isPrivate,
  },
];
