begin;
select plan(9);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select tests.start_run();
create function pg_temp.end_job(
  p_name text, p_job jsonb default '{}', p_outcome text default 'failed', p_code text default 'e1')
returns void language plpgsql as $$
begin
  perform tests.enqueue(p_name, '{"type": "mail.send", "queue": "mail"}' || p_job);
  perform tests.claim(10);
  perform tests.settle(p_name, p_outcome, case when p_outcome = 'failed' then jsonb_build_object(
    'error', jsonb_build_object('code', p_code, 'message', '')) else '{}' end);
end
$$;
-- Each differs from the one that is looked for in one thing.
select pg_temp.end_job('early');
select pg_temp.end_job('wanted');
select pg_temp.end_job('type', '{"type": "mail.sent"}');
select pg_temp.end_job('queue', '{"queue": "default"}');
select pg_temp.end_job('code', p_code => 'e2');
select pg_temp.end_job('status', p_outcome => 'succeeded');
update jobforge.jobs set last_error = '{"code": "e1", "message": ""}' where id = tests.id('status');
select pg_temp.end_job('late');
create temp table filter as select jsonb_build_object('type', 'mail.send', 'queue', 'mail',
  'error_code', 'e1', 'status', 'failed', 'created_after', (tests.job('wanted')).created_at,
  'created_before', (tests.job('late')).created_at) as filter;
create function pg_temp.found(p_tenant uuid, p_filter jsonb) returns text[] language sql
return array(select tests.name((job ->> 'id')::uuid)
  from jsonb_array_elements(jobforge_list_jobs(p_tenant, p_filter) -> 'jobs') as job order by 1);
select is(pg_temp.found(tenant, filter), '{wanted}', 'all of them together, ' || what)
from filter, (values (tests.tenant('acme'), 'of one tenant'), (null, 'of all')) as c (tenant, what);
select is(pg_temp.found(null, filter || '{"status": ["failed", "succeeded"]}'), '{status,wanted}',
  'of all jobs') from filter;
select results_eq($$
  select left_out, pg_temp.found(null, filter - left_out) from filter,
    unnest('{created_after,created_before,error_code,queue,status,type}'::text[]) as left_out
$$, $$ values ('created_after', '{early,wanted}'::text[]), ('created_before', '{late,wanted}'),
  ('error_code', '{code,wanted}'), ('queue', '{queue,wanted}'), ('status', '{status,wanted}'),
  ('type', '{type,wanted}') $$, 'each but one, of all tenants');
select results_eq($$
  select left_out, pg_temp.found(tests.tenant('acme'), filter - left_out) from filter,
    unnest('{created_after,created_before,error_code,queue,status,type}'::text[]) as left_out
$$, $$ values ('created_after', '{early,wanted}'::text[]), ('created_before', '{late,wanted}'),
  ('error_code', '{code,wanted}'), ('queue', '{queue,wanted}'), ('status', '{status,wanted}'),
  ('type', '{type,wanted}') $$, 'and of one');

-- A page is filled, although most jobs are of another type.
select tests.fill(tenant, 1, jsonb_build_object('type', type))
from generate_series(1, 12) as n, unnest('{globex,initech}'::text[]) as tenant,
  unnest('{one.type,other.type,other.type,other.type}'::text[]) as type;
select is(jsonb_array_length(jobforge_list_jobs(null, p_filter => filter, p_limit => 20) -> 'jobs'),
  20, filter::text)
from unnest(array['{"type": "one.type"}', '{"type": "one.type", "queue": "default"}',
  '{"type": "one.type", "status": "queued"}', '{}']::jsonb[]) as filter;

select * from finish();
rollback;
