begin;
select plan(2);

select tests.sealed_log();

create temp table noted as select seq, encode(hash, 'hex') as hash from jobforge.audit_chain;
update jobforge_audit_log set target = 'other' where target = 'target 3';
update jobforge.audit_seals as s set seq = null, hash = null,
  digest = jobforge.audit_digest(l, s.salt)
from jobforge_audit_log as l where l.id = s.entry_id;
update jobforge.audit_chain set seq = 0, hash = '' where id;
select jobforge.seal_audit(1000);
select is(
  jobforge_verify_audit() -> 'intact', 'true', 'the right to write every table can forge it all');
select is(
  (select jobforge_verify_audit(0, 1000, n.seq, n.hash) #>> '{problems,0,problem}' from noted as n),
  'the chain does not hold the head that was noted', 'but for a head that was noted outside');

select * from finish();
rollback;
