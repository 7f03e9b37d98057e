begin;
select plan(1);

select tests.bring('dead', 'dead');
select tests.hold_job('running');
select jobforge.close_tenant(jobforge.begin_erasure(tests.tenant('acme')));
select tests.refuses(
  $$ select jobforge_retry_job(tests.id('dead'), tests.tenant('acme')) $$, 'tenant_erased');

select * from finish();
rollback;
