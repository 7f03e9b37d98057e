begin;
select plan(8);

select tests.unused_project();
select tests.enqueue('mine');
select tests.enqueue('theirs', p_tenant => 'globex');
select tests.as_member('acme');
select is(jobforge_watch_jobs() ->> 'topic', 'jobforge:' || tests.tenant('acme'), 'its tenant');
select isnt(jobforge_watch_jobs(tests.id('mine')) ->> 'topic', null, 'its job');
select tests.refuses('select jobforge_watch_jobs(tests.id(''theirs''))', 'not_found',
  'not a job of another tenant');
select tests.refuses($$ select jobforge_watch_jobs(null, tests.tenant('globex')) $$, 'forbidden',
  'nor all of its jobs');
select tests.as_member('acme', 'globex');
select tests.refuses('select jobforge_watch_jobs()', 'invalid_argument',
  'a member of two tenants names one');
select tests.as_stranger();
select tests.refuses('select jobforge_watch_jobs()', 'forbidden', 'a stranger has none');
select tests.as_anon();
select throws_ok('select jobforge_watch_jobs()', '42501', null, 'nor does an anonymous caller');
select tests.as_owner();
select is((select count(distinct tenant_id) from jobforge.watches), 1::bigint,
  'what was refused left nothing');

select * from finish();
rollback;
