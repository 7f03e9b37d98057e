begin;
select plan(14);

select tests.freeze();
select tests.hold_job();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select jobforge_erase_tenant(tests.tenant('acme'), 1);
select tests.refuses(call, 'tenant_erased', 'while erasing: ' || call)
from unnest(array[
  $$select jobforge_enqueue_job(tests.tenant('acme'), 'a')$$,
  $$select jobforge_enqueue_job(tests.tenant('acme'), 'a', p_queue => 'mail')$$,
  $$select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "a"}]')$$,
  $$select jobforge_configure_queue(tests.tenant('acme'))$$,
  $$select jobforge_set_secret(tests.tenant('acme'), 'hook', 's3cret')$$,
  $$select tests.endpoint()$$,
  $$select jobforge_configure_connector(tests.tenant('acme'), 'connector.http.request', 'default',
    '{"hosts": ["api.example.com"]}')$$,
  $$select jobforge_close_host(tests.tenant('acme'), 'api.example.com', 1000)$$,
  $$select tests.schedule('nightly')$$]) as call;
select tests.settle_all('succeeded');
select tests.erase('acme');
select tests.as_member('acme');
select tests.refuses($$ select jobforge_enqueue_job(p_type => 'a') $$, 'tenant_erased', 'erased');
select tests.as_owner();
select lives_ok($$ select tests.enqueue('of globex', '{}', 'globex') $$, 'others may');
select jobforge_readmit_tenant(tests.tenant('acme'));
select tests.as_member('acme');
select lives_ok($$ select jobforge_enqueue_job(p_type => 'a') $$, 're-admitted');
select tests.as_owner();
select is(tests.job_count(), 1, 'with nothing of before');
select is(tests.erase('acme') ->> 'state', 'finished', 'it can be erased again');

select * from finish();
rollback;
