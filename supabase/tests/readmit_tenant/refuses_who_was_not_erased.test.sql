begin;
select plan(2);

select tests.refuses($$ select jobforge_readmit_tenant(tests.tenant('acme')) $$, 'not_found');
select tests.hold_job('running');
select jobforge_erase_tenant(tests.tenant('acme'));
select tests.refuses(
  $$ select jobforge_readmit_tenant(tests.tenant('acme')) $$, 'wrong_state', 'before the end');

select * from finish();
rollback;
