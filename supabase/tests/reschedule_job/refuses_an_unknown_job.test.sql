begin;
select plan(1);

select tests.as_member('acme');
select tests.refuses(
  'select jobforge_reschedule_job(gen_random_uuid(), clock_timestamp())', 'not_found',
  'no such id');

select * from finish();
rollback;
