begin;
select plan(3);

insert into public.jobforge_queues (tenant_id) values (tests.tenant('acme'));
insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, status, run_at,
  max_attempts, timeout_ms, created_at)
select q.tenant_id, ('01a00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, q.id, 'default',
  case n when 1 then 'rare.job' else 'test.job' end, '{}', 'queued', now(), 5, 1000, now()
from generate_series(1, 10001) as n
join public.jobforge_queues as q on q.tenant_id = tests.tenant('acme');

create temp table page as
  select jobforge_list_jobs(tests.tenant('acme'), '{"type": "rare.job"}') as answer;
select is((select answer -> 'jobs' from page), '[]', 'not found among the newest 10,000');
select is((select answer ->> 'next' from page), '01a00000-0000-7000-8000-000000000002',
  'the answer has the id to continue from');
select is(
  (select jsonb_array_length(jobforge_list_jobs(tests.tenant('acme'), '{"type": "rare.job"}',
    (answer ->> 'next')::uuid) -> 'jobs') from page), 1, 'and there it is');

select * from finish();
rollback;
