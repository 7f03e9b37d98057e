begin;
select plan(2);

select tests.as_member('acme');
create temp table answer as
  select * from jobforge_enqueue_jobs(
    p_jobs => '[{"type": "b.job"}, {"type": "a.job"}, {"type": "c.job"}]');

select results_eq('select index from answer', array[0, 1, 2], 'one row per job, counted from 0');
select results_eq(
  'select j.type from answer join jobforge_jobs as j on j.id = job_id order by index',
  array['b.job', 'a.job', 'c.job'], 'each with the id of its own job');

select * from finish();
rollback;
