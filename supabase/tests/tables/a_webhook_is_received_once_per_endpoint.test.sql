begin;
select plan(2);

select tests.receive(tests.endpoint());
select throws_ok(
  'insert into public.jobforge_received_webhooks select * from public.jobforge_received_webhooks',
  '23505', null, 'and no second');
select throws_ok(
  $$ update public.jobforge_received_webhooks set replay_key = '' $$, '23514', null,
  'under a key that is one');

select * from finish();
rollback;
