begin;
select plan(4);

select tests.setup(10);
select tests.fill('acme', 250);
select is(jobforge_dispatch(), 3, '250 jobs need three runs of a hundred');
select is(tests.call_count(), 3, 'three calls');
select is(
  (select count(*) from jobforge.runs where state = 'pending'), 3::bigint, 'three runs pending');
select is(jobforge_dispatch(), 0, 'while they start, the next dispatch adds none');

select * from finish();
rollback;
