begin;
select plan(10);

select tests.as_service();
select tests.denies(call)
from unnest(array[
  $$select jobforge.claim(1, 1)$$,
  $$select jobforge.settle(1, '{}')$$,
  $$select jobforge.enqueue(tests.tenant('globex'), '{}')$$,
  $$select jobforge.audit('cancel_job', null, null, null)$$,
  $$select jobforge.call_worker('https://evil.example.com')$$,
  $$select jobforge.maintain()$$,
  $$select jobforge.resolve_secrets(tests.tenant('acme'), '{vault:hook}')$$,
  $$select jobforge.end_secrets(tests.tenant('acme'), 'hook', '{1}', now())$$,
  $$select jobforge.prune_connectors(now())$$,
  $$select jobforge.new_ticket()$$]) as call;

select * from finish();
rollback;
