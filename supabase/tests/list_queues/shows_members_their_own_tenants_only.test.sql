begin;
select plan(5);

select tests.unused_project();
select tests.enqueue('ours');
select tests.enqueue('theirs', p_tenant => 'globex');
select is((select count(*) from jobforge_list_queues()), 2::bigint, 'services: all tenants');
select tests.as_member('acme');
select results_eq('select tenant_id from jobforge_list_queues()',
  array[tests.tenant('acme')], 'members: theirs');
select tests.refuses($$select jobforge_list_queues(tests.tenant('globex'))$$, 'forbidden');
select tests.refuses($$select jobforge_list_queues(p_limit => 0)$$, 'invalid_argument');
select tests.as_stranger();
select tests.refuses($$select jobforge_list_queues()$$, 'forbidden');

select * from finish();
rollback;
