begin;
select plan(2);

select tests.sealed_log();

update jobforge_audit_log set target = null, detail = null, erasure_id = 77
where target = 'target 3';
update jobforge.audit_seals set salt = null where seq = 3;
select is(
  jobforge_verify_audit() #>> '{problems,0,problem}',
  'erasure 77 took out other entries than it recorded', 'by no erasure at all');
select tests.erase('globex');
update jobforge_audit_log set erasure_id = (select id from jobforge.erasures) where erasure_id = 77;
select matches(
  jobforge_verify_audit() #>> '{problems,0,problem}',
  'took out other entries than it recorded', 'or under the name of another');

select * from finish();
rollback;
