begin;
select plan(2);

select tests.bring('job', 'succeeded');
select tests.bring('lost', 'failed');
insert into public.jobforge_job_results values (tests.tenant('acme'), tests.id('job'), '1', now());
select throws_ok(
  $$ insert into public.jobforge_job_results
    values (tests.tenant('acme'), tests.id('job'), '2', now()) $$, '23505', null,
  'no second result');
select throws_ok(
  'insert into jobforge.unsuccessful_attempts select * from jobforge.unsuccessful_attempts',
  '23505', null, 'no second row for an attempt');

select * from finish();
rollback;
