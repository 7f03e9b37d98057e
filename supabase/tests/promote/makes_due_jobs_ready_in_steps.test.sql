begin;
select plan(2);

select tests.freeze();
select tests.fill('acme', 700, '{"run_at": "2030-01-01T00:00:10Z"}');
select tests.advance('10 seconds');
select jobforge.promote(jobforge.clock());
select is(
  (select count(*) from jobforge_jobs where scheduled), 200::bigint,
  'five hundred at a time, so that no claim pays for thousands');
select jobforge.promote(jobforge.clock());
select is((select count(*) from jobforge_jobs where scheduled), 0::bigint, 'and then the rest');

select * from finish();
rollback;
