begin;
select plan(1);

select jobforge.audit('change', null, 'target', null);
update jobforge_audit_log set target = 'other' where target = 'target';
select is(
  jobforge_verify_audit() #>> '{problems,0,problem}', 'changed', 'the digest is there at once');

select * from finish();
rollback;
