begin;
select plan(2);

select tests.receive(tests.endpoint());
select throws_ok(
  'insert into public.jobforge_webhook_receipts select * from public.jobforge_webhook_receipts',
  '23505', null, 'and no second');
select throws_ok(
  $$ update public.jobforge_webhook_receipts set replay_key = '' $$, '23514', null,
  'under a key that is one');

select * from finish();
rollback;
