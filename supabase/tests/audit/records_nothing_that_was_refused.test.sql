begin;
select plan(2);

select tests.bring('done', 'succeeded');
delete from public.jobforge_audit_log;
select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_cancel_job(tests.id('done')) $$, 'wrong_state', 'a change that is refused');
select is((select count(*) from jobforge_audit_log), 0::bigint, 'is no change');

select * from finish();
rollback;
