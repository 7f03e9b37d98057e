begin;
select plan(5);

select tests.furnish('acme', 'globex');

select tests.as_member('acme');
select jobforge_retry_job(tests.id('acme dead'));
select tests.as_owner();
select jobforge.seal_audit(1000);
create temp table counted as select count(*) as entries from jobforge_audit_log;

select tests.erase('acme');
select is(
  (select count(*) from jobforge_audit_log), (select entries + 2 from counted),
  'no entry is gone: the begin and the end of the erasure came');
select is_empty($$
  select from jobforge_audit_log
  where erasure_id is not null
    and coalesce(subject, tenant_id::text, target, detail::text) is not null
$$, 'but who, what and where is taken out');
select is_empty($$
  select from jobforge.audit_seals as s join jobforge_audit_log as l on l.id = s.entry_id
  where l.erasure_id is not null and s.salt is not null
$$, 'with the salts, by which one could guess who it was');
select is(
  (select count(*) from jobforge_audit_log where action = 'retry_job' and erasure_id is not null),
  1::bigint, 'that something was done stays');
select is(jobforge_verify_audit() -> 'intact', 'true', 'and the chain holds');

select * from finish();
rollback;
