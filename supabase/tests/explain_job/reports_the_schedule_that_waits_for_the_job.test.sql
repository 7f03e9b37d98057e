begin;
select plan(5);

select tests.freeze();
select tests.schedule('often', '{"expression": "60 seconds"}');
select tests.schedule('nightly', '{"expression": "60 seconds"}', null);
select tests.enqueue('plain');
select tests.advance('61 seconds');
select tests.run_cron();
insert into tests.named_jobs (name, tenant_id, id)
select tests.name, l.tenant_id, l.job_id
from jobforge.schedule_jobs as l join tests.schedules as tests on tests.id = l.schedule_id
where l.tenant_id = tests.tenant('acme');
create function pg_temp.schedule(p_name text)
returns jsonb
language sql
as $$ select public.jobforge_explain_job(tests.id(p_name), tests.tenant('acme')) -> 'schedule' $$;
select is(pg_temp.schedule('often') - 'id' - 'next_at',
  '{"name": "often", "overlap": "skip", "waits_for_this_job": true}',
  'it starts no other meanwhile');
select is(pg_temp.schedule('plain'), null, 'other jobs hold up none');
select is(pg_temp.schedule('nightly') ->> 'name', 'nightly', 'services see the operator''s');
select tests.as_member('acme');
select is(pg_temp.schedule('nightly') ->> 'name', null, 'members do not');
select tests.as_owner();
select jobforge_cancel_job(tests.id('often'), tests.tenant('acme'));
select is(pg_temp.schedule('often') -> 'waits_for_this_job', 'false', 'until it has ended');

select * from finish();
rollback;
