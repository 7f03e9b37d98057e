begin;
select plan(4);

select tests.freeze();
select setseed(0.42);
select jobforge_configure_queue(tests.tenant(tenant), queue, settings)
from (values ('acme', 'default', '{}'::jsonb), ('acme', 'mail', '{"max_running": 7}'),
  ('globex', 'default', '{"max_queued": 60}'),
  ('initech', 'default', '{"rate_limit": 20, "rate_period_ms": 1000, "rate_burst": 5}'))
  as q (tenant, queue, settings);
select tests.start_run('one');
select tests.start_run('two');

create function pg_temp.random_operation(p_n int)
returns void
language plpgsql
as $$
declare
  v_run constant text := (array['one', 'two'])[1 + floor(random() * 2)];
  v_tenant constant text := (array['acme', 'globex', 'initech'])[1 + floor(random() * 3)];
  v_job record;
begin
  perform tests.advance(make_interval(secs => random() * 5));
  select j.tenant_id, j.id, j.status into v_job from public.jobforge_jobs as j
  order by random() limit 1;
  case floor(random() * 10)
    when 0, 1, 2 then
      perform tests.fill(v_tenant, 1 + floor(random() * 20)::int, jsonb_build_object(
        'priority', floor(random() * 3), 'max_attempts', 1 + floor(random() * 3),
        'queue', case when v_tenant = 'acme' and random() < 0.5 then 'mail' else 'default' end,
        'run_at', jobforge.clock() + make_interval(secs => random() * 20 - 10)));
    when 3, 4 then
      perform public.jobforge_claim_jobs(tests.run_id(v_run), floor(random() * 30)::int);
    when 5, 6 then
      perform tests.report(coalesce((
        select jsonb_agg(jsonb_build_object('id', j.id, 'lease_token', j.lease_token, 'outcome',
          (array['succeeded', 'errored', 'failed', 'timed_out', 'released'])
            [1 + floor(random() * 5)]))
        from tests.jobs as j
        where j.run_id = tests.run_id(v_run) and j.status = 'running' and random() < 0.7),
        '[]'), v_run);
    when 7 then
      perform public.jobforge_cancel_job(v_job.id, v_job.tenant_id);
    when 8 then
      perform public.jobforge_retry_job(v_job.id, v_job.tenant_id);
    when 9 then
      if p_n % 20 = 0 then
        perform tests.advance('46 seconds');
        perform public.jobforge_dispatch();
        delete from tests.named_runs;
        perform tests.start_run('one');
        perform tests.start_run('two');
      else
        perform public.jobforge_release_jobs(tests.run_id(v_run));
      end if;
  end case;
exception when sqlstate 'PT409' or sqlstate 'PT429' or sqlstate 'PT404' then
  null; -- refused, and so without effect
when sqlstate 'PT410' then
  delete from tests.named_runs;
  perform tests.start_run('one');
  perform tests.start_run('two');
end
$$;
select count(*) from (select pg_temp.random_operation(n) from generate_series(1, 300) as n) as done;

select cmp_ok((select count(*) from jobforge_jobs), '>', 500::bigint, 'hundreds of jobs were made');
select results_eq(
  'select id, jobforge.queued(id), jobforge.running(id) from jobforge.queues order by id',
  $$ select q.id, count(j.id) filter (where j.status in ('scheduled', 'queued')),
      count(j.id) filter (where j.status = 'running')
    from jobforge.queues as q left join tests.jobs as j on j.queue_id = q.id
    group by q.id order by q.id $$,
  'queued and running of every queue equal a count of its jobs');
select results_eq(
  'select id, held from jobforge.runs order by id',
  $$ select r.id, count(j.id)::int
    from jobforge.runs as r left join tests.jobs as j on j.run_id = r.id and j.status = 'running'
    group by r.id order by r.id $$,
  'what every run holds equals a count of its jobs');
select is(
  (select count(*) from (
    select j.tenant_id, j.id from jobforge_jobs as j
    left join jobforge_job_attempts as a on a.tenant_id = j.tenant_id and a.job_id = j.id
    group by j.tenant_id, j.id, j.attempts, j.status
    having count(a.attempt_no) <> j.attempts - (j.status = 'running')::int
      or count(a.attempt_no) <> coalesce(max(a.attempt_no), 0)) as gaps),
  0::bigint, 'every attempt that ended is recorded, counted from 1 without gaps');

select * from finish();
rollback;
