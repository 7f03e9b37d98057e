begin;
select plan(2);

select tests.unused_project();
create temp table made as
  select tests.endpoint() as a, tests.endpoint(p_name => 'b') as b, tests.endpoint('globex') as c;
select tests.receive(a, 'evt_1'), tests.receive(a, 'evt_2'), tests.receive(b, 'evt_1'),
  tests.receive(c, 'evt_1') from made;
select is((select count(*) from jobforge_jobs), 4::bigint, 'a key counts at its endpoint');
select is((select count(*) from jobforge_jobs where tenant_id = tests.tenant('globex')), 1::bigint,
  'and the job is that tenant''s');

select * from finish();
rollback;
