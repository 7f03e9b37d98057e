begin;
select plan(7);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job');
create function pg_temp.explained()
returns jsonb
language sql
as $$ select public.jobforge_explain_job(tests.id('job'), tests.tenant('acme')) $$;
select is(pg_temp.explained() ->> 'run_id', null, 'no run yet');
select tests.claim();
select is((pg_temp.explained() ->> 'run_id')::bigint, tests.run_id(), 'the run');
select is((pg_temp.explained() ->> 'lease_expires_at')::timestamptz,
  jobforge.clock() + interval '45 seconds', 'and its lease');
select tests.advance('46 seconds');
select is(pg_temp.explained() ->> 'reason', 'lease_expiring', 'a dead one');
select cmp_ok((pg_temp.explained() ->> 'lease_expires_at')::timestamptz, '<', jobforge.clock(),
  'whose lease is over');
select tests.as_member('acme');
select is(pg_temp.explained() ->> 'run_id', null, 'a user does not see the number of the run');
select is(pg_temp.explained() ->> 'reason', 'lease_expiring', 'but what became of it');

select * from finish();
rollback;
