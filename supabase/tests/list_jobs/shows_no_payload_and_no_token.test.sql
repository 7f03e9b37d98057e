begin;
select plan(1);

select tests.bring('job', 'running');
select results_eq(
  $$ select k from jsonb_object_keys(jobforge_list_jobs() #> '{jobs,0}') as k order by k $$,
  $$ values ('attempts'), ('cancel_requested_at'), ('created_at'), ('error_code'), ('finished_at'),
    ('id'), ('max_attempts'), ('priority'), ('queue'), ('run_at'), ('scheduled'), ('started_at'),
    ('status'), ('tenant_id'), ('type') $$, 'these members');

select * from finish();
rollback;
