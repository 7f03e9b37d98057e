begin;
select plan(3);

select tests.unused_project();
select from jobforge_setup('http://127.0.0.1:9', null, 'jobforge-worker');
select tests.fill('acme', 1);
select jobforge_dispatch();
select is((select url from tests.calls()), 'http://127.0.0.1:9/functions/v1/jobforge-worker',
  'at the path of that function');
select from jobforge_setup('http://127.0.0.1:9');
select is((select worker_function from jobforge.settings), 'jobforge-worker',
  'setup without a name keeps it');
select is(jobforge_doctor() ->> 'worker_function', 'jobforge-worker', 'the doctor returns it');

select * from finish();
rollback;
