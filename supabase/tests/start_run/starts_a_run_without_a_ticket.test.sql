begin;
select plan(2);

select tests.freeze();
create temp table answer as select * from jobforge_start_run(p_worker => 'laptop', p_capacity => 7);
select is((select lease_seconds from answer), 45, 'the answer has the length of a lease');
select results_eq(
  $$ select state::text, worker, capacity, started_at, lease_expires_at from jobforge.runs
    where id = (select run_id from answer) $$,
  $$ values ('live', 'laptop', 7, jobforge.clock(), jobforge.clock() + interval '45 seconds') $$,
  'the run is live for that long');

select * from finish();
rollback;
