begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.fill('acme', 101);
select tests.enqueue('theirs', p_tenant => 'globex');
create temp table watched as
  select jobforge_watch_jobs(id, tenant_id) ->> 'reason' as reason from jobforge.jobs
  where tenant_id = tests.tenant('acme');
select results_eq('select reason, count(*) from watched group by 1 order by 1',
  $$ values ('too_many_watches', 1::bigint), (null, 100) $$, 'a hundred at a time');
select is(tests.watch(), 'too_many_watches', 'its tenant counts too');
select isnt(tests.watch('theirs', 'globex'), 'too_many_watches', 'another tenant has its own');
select tests.advance('60 seconds');
select tests.watch('theirs', 'globex');
select is((select count(*) from jobforge.watches where tenant_id = tests.tenant('globex')),
  1::bigint, 'a watch is renewed in its second minute only');
select tests.advance('1 second');
select tests.watch('theirs', 'globex');
select is((select max(expires_at) from jobforge.watches where tenant_id = tests.tenant('globex')),
  jobforge.clock() + interval '2 minutes', 'by two minutes from then');
select tests.advance('2 minutes');
select is(tests.watch(), 'jobforge:' || tests.tenant('acme'), 'once they expired there is room');
select is((select count(*) from jobforge.watches where tenant_id = tests.tenant('acme')),
  1::bigint, 'and they are deleted');

select * from finish();
rollback;
