begin;
select plan(3);

select tests.known('acme');
insert into jobforge.jobs (tenant_id, id, queue_id, type, payload, status, run_at, created_at,
  finished_at)
select q.tenant_id, ('01a00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, q.id,
  case n when 1 then 'rare.job' else 'test.job' end, '{}', 'succeeded', now(), now(), now()
from generate_series(1, 1001) as n
join jobforge.queues as q on q.tenant_id = tests.tenant('acme');

create temp table page as
  select jobforge_list_jobs(tests.tenant('acme'), '{"type": "rare.job"}') as answer;
select is((select answer -> 'jobs' from page), '[]', 'not found among the newest 1,000');
select is((select answer ->> 'next' from page), '01a00000-0000-7000-8000-000000000002',
  'the answer has the id to continue from');
select is(
  (select jsonb_array_length(jobforge_list_jobs(tests.tenant('acme'), '{"type": "rare.job"}',
    (answer ->> 'next')::uuid) -> 'jobs') from page), 1, 'and there it is');

select * from finish();
rollback;
