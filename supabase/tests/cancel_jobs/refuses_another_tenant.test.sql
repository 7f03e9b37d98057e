begin;
select plan(2);

select tests.enqueue('of globex', '{}', 'globex');
select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_cancel_jobs(tests.tenant('globex'), p_dry_run => false) $$, 'forbidden');
select is(tests.status('of globex'), 'queued', 'untouched');

select * from finish();
rollback;
