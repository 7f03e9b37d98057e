begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select jobforge.audit('change', tests.tenant('acme'), 'old', '{}');
select jobforge.seal_audit(100);
select tests.advance('20 days');
select jobforge.audit('change', tests.tenant('acme'), 'recent', '{}');
select tests.enqueue('job');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select jobforge_erase_tenant(tests.tenant('acme')) from generate_series(1, 4);
select jobforge.seal_audit(100);
select is(jobforge_verify_audit() ->> 'intact', 'true', 'an erased tenant');
update jobforge.settings set retention_audit_days = 30;
select tests.advance('15 days');
select is(jobforge.prune_audit(jobforge.clock(), 100), 1, 'one of its entries is old');
select jobforge.seal_audit(100);
select is(jobforge_verify_audit() -> 'problems', '[]', 'the rest of them still verifies');
update jobforge_audit_log set subject = null, target = null, detail = null, tenant_id = null,
  erasure_id = (select max(id) from jobforge.erasures)
where action = 'prune_audit';
select is(jobforge_verify_audit() ->> 'intact', 'false',
  'no other entry can pass as one of an erasure');

select * from finish();
rollback;
