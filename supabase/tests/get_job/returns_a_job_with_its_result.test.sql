begin;
select plan(7);

select tests.bring('done', 'succeeded');
insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
values (tests.tenant('acme'), tests.id('done'), '{"id": 1970670598291982290}', now());
select tests.enqueue('waits', '{"payload": {"id": 1970670598291982290}}');
select tests.as_member('acme');
select is(jobforge_get_job(tests.id('done'))::jsonb -> 'status', '"succeeded"', 'its status');
select is(jobforge_get_job(tests.id('done'))::jsonb -> 'result', '{"id": 1970670598291982290}',
  'its result');
select is(jobforge_get_job(tests.id('done'), p_as_text => true)::jsonb -> 'result',
  to_jsonb('{"id": 1970670598291982290}'::text), 'its result as a text');
select is(jobforge_get_job(tests.id('waits'))::jsonb -> 'result', 'null', 'no result yet');
select ok(not jobforge_get_job(tests.id('waits'))::jsonb ? 'payload', 'no payload unless asked');
select is(jobforge_get_job(tests.id('waits'), p_payload => true)::jsonb -> 'payload',
  '{"id": 1970670598291982290}', 'the payload on request');
select is(jobforge_get_job(tests.id('waits'), p_payload => true, p_as_text => true)::jsonb
  -> 'payload', to_jsonb('{"id": 1970670598291982290}'::text), 'the payload as a text');

select * from finish();
rollback;
