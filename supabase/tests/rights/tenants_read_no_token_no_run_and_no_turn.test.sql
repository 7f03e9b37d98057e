begin;
select plan(20);

-- Named here, apart from what the schema hides: tokens, runs, references to secrets, and what
-- queues tell about each other.
select is(
  has_column_privilege('authenticated', relation, column_name, 'select'), false,
  relation || '.' || column_name)
from (values
  ('jobforge.jobs', '{run_id}'::text[]),
  ('jobforge.unsuccessful_attempts', '{run_id}'),
  ('jobforge.leases', '{run_id,token}'),
  ('jobforge.queues', '{vtime,claimed,runnable,blocked,capped,wake_at,tat,tat_at,tat_interval,'
    'cursor_priority,cursor_id,cursor_at}'),
  ('public.jobforge_connector_configs', '{secret_refs}')) as hidden (relation, columns)
cross join lateral unnest(hidden.columns) as column_name;
select is_empty($$
  select c.oid::regclass, a.attname
  from pg_class as c join pg_attribute as a on a.attrelid = c.oid
  where c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
    and (c.relnamespace = 'jobforge'::regnamespace
      or c.relnamespace = 'public'::regnamespace and starts_with(c.relname, 'jobforge_'))
    and a.attname ~ 'token|ticket|run_id|secret|salt|vault|hash'
    and has_column_privilege('authenticated', c.oid, a.attnum, 'select')
$$, 'no other column has such a name');
select is(
  (select array_agg(attname::text order by attname) from pg_attribute
    where attrelid = 'jobforge_jobs'::regclass and attnum > 0),
  '{attempts,attempts_before_retry,cancel_requested_at,created_at,created_by,finished_at,id,'
    'idempotency_key,last_error,lease_expiries,max_attempts,payload,priority,progress,queue,run_at,'
    'scheduled,started_at,status,tenant_id,timeout_ms,traceparent,type}',
  'the columns of a job');
select is(
  (select array_agg(attname::text order by attname) from pg_attribute
    where attrelid = 'jobforge_job_attempts'::regclass and attnum > 0),
  '{attempt_no,error,finished_at,job_id,outcome,started_at,tenant_id}', 'those of an attempt');

select * from finish();
rollback;
