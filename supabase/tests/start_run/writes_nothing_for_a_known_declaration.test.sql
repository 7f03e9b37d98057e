begin;
select plan(1);

select jobforge_start_run(p_types => '[{"type": "a"}]');
create temp table before as select ctid as row_ctid from jobforge.job_types;
select jobforge_start_run(p_types => '[{"type": "a"}]');
select results_eq(
  'select ctid from jobforge.job_types', 'select row_ctid from before',
  'a worker that starts again changes no row');

select * from finish();
rollback;
