begin;
select plan(5);

select tests.freeze();
select tests.sealed_log();
update jobforge.settings set retention_audit_days = 30;
select tests.advance('40 days');
delete from jobforge_audit_log
where id = (select entry_id from jobforge.audit_seals where seq = 3);
select is(jobforge.prune_audit(jobforge.clock(), 100), 2, 'it stops before a missing entry');
select is(jobforge.prune_audit(jobforge.clock(), 100), 0, 'and stays there');
select alike(jobforge_verify_audit() ->> 'problems', '%removed%', 'so that it can be found');

select tests.sealed_log();
update jobforge.settings set retention_audit_days = 30;
select tests.advance('40 days');
update jobforge_audit_log set subject = 'forged' where target = 'target 2';
select throws_like('select jobforge.prune_audit(jobforge.clock(), 100)',
  '%does not verify%', 'a changed entry is not deleted');
select is((select count(*) from jobforge_audit_log), 5::bigint, 'nothing is');

select * from finish();
rollback;
