begin;
select plan(9);

select tests.freeze();
select tests.sealed_log();
create temp table heads as
  select s.seq, encode(s.hash, 'hex') as hash from jobforge.audit_seals as s;
select tests.advance('40 days');
select jobforge_configure_audit_retention(30);
select jobforge.seal_audit(1000);
select is(jobforge.prune_audit(jobforge.clock(), 2), 2, 'a turn deletes what it may');
select is(jobforge.prune_audit(jobforge.clock(), 100), 3, 'the next the rest that is old');
select is(jobforge.prune_audit(jobforge.clock(), 100), 0, 'newer entries stay');
select bag_eq('select action from jobforge_audit_log',
  array['configure_audit_retention', 'prune_audit', 'prune_audit'], 'each turn is audited');
select is((select min(seq) from jobforge.audit_seals), 5::bigint,
  'the seal of the last deleted entry stays');
select jobforge.seal_audit(1000);
select is(jobforge_verify_audit() ->> 'intact', 'true', 'the rest verifies');
select is(jobforge_verify_audit(p_known_seq => seq, p_known_hash => hash) ->> 'intact', 'true',
  'also against the head at the anchor')
from heads where seq = 5;
select alike(jobforge_verify_audit(p_known_seq => seq, p_known_hash => hash) ->> 'problems',
  '%older than the oldest entry that is kept%', 'an older head cannot be compared')
from heads where seq = 3;
update jobforge_audit_log set action = 'forged' where action = 'configure_audit_retention';
select is(jobforge_verify_audit() ->> 'intact', 'false', 'a change of the rest still shows');

select * from finish();
rollback;
