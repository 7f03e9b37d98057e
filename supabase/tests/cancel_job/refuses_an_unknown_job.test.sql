begin;
select plan(2);

select tests.as_member('acme');
select tests.refuses(
  'select jobforge_cancel_job(gen_random_uuid())', 'not_found', 'no such id');
select tests.refuses('select jobforge_cancel_job(null)', 'not_found', 'no id');

select * from finish();
rollback;
