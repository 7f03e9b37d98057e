begin;
select plan(1);

select tests.as_member('acme');
select jobforge_enqueue_job(p_type => 'first.type', p_idempotency_key => 'key');
select is(
  (select duplicate from jobforge_enqueue_job(p_type => 'second.type', p_idempotency_key => 'key')),
  false, 'the same key of another type is another job');

select * from finish();
rollback;
