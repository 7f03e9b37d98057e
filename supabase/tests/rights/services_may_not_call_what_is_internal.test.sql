begin;
select plan(7);

select tests.as_service();
select tests.denies(call)
from unnest(array[
  $$select jobforge.claim(1, 1)$$,
  $$select jobforge.settle(1, '{}')$$,
  $$select jobforge.enqueue(tests.tenant('globex'), '{}')$$,
  $$select jobforge.audit('cancel_job', null, null, null)$$,
  $$select jobforge.call_worker('https://evil.example.com')$$,
  $$select jobforge.maintain()$$,
  $$select jobforge.new_ticket()$$]) as call;

select * from finish();
rollback;
