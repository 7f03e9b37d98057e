begin;
select plan(2);

select tests.freeze();
select tests.hold_job('held');
select tests.fill('acme', 10);
select jobforge_erase_tenant(tests.tenant('acme'), 1);
insert into tests.named_jobs (name, tenant_id, id)
select 'left', tenant_id, id from jobforge_jobs where status = 'queued' limit 1;
select is(jobforge_explain_job(tests.id('left'), tests.tenant('acme')) ->> 'reason',
  'tenant_erasing', 'it will not run');
select is(jobforge_explain_job(tests.id('held'), tests.tenant('acme')) ->> 'reason',
  'canceling', 'and what runs is asked to stop');

select * from finish();
rollback;
