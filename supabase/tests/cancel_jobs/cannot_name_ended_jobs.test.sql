begin;
select plan(1);

select tests.refuses(
  $$ select jobforge_cancel_jobs(tests.tenant('acme'), '{"status": "dead"}') $$,
  'invalid_argument');

select * from finish();
rollback;
