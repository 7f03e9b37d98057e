begin;
select plan(2);

select tests.sealed_log();

insert into jobforge_audit_log (at, role, action) values (now(), 'service_role', 'forged');
select is(
  jobforge_verify_audit() #>> '{problems,0,problem}', 'inserted', 'without a seal');
insert into jobforge.audit_seals (entry_id, salt, digest, seq, hash)
select l.id, '', jobforge.audit_digest(l, ''), 6, sha256('x') from jobforge_audit_log as l
where action = 'forged';
select is(jobforge_verify_audit() #>> '{problems,0,problem}', 'changed', 'with a forged one');

select * from finish();
rollback;
