begin;
select plan(1);

select tests.as_service();
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select is((select created_by from jobforge_jobs), 'service_role', 'created_by is the role');

select * from finish();
rollback;
