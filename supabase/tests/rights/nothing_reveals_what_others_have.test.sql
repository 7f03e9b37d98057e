begin;
select plan(9);

select tests.bring('theirs', 'failed', 'globex');
select jobforge_enqueue_job(
  tests.tenant('globex'), 'test.job', '{"n": 1}', p_idempotency_key => 'order-1');
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"max_queued": 0}');
select jobforge_configure_queue(tests.tenant('globex'), 'slow');

select tests.as_member('acme');
select is(
  tests.refusal(call, theirs), tests.refusal(call, unknown), what || ': as if there were none')
from (
  select what, call, tests.tenant('globex')::text, tests.tenant('unknown')::text
  from (values
    ('enqueue for a tenant', $$ select jobforge_enqueue_job(%L, 'test.job') $$),
    ('a batch for a tenant', $$ select jobforge_enqueue_jobs(%L, '[{"type": "t"}]') $$),
    ('figures of a tenant', 'select jobforge_list_queues(%L)'),
    ('rows of a tenant', 'select count(*) from jobforge_jobs where tenant_id = %L'))
    as c (what, call)
  union all
  select 'a queue', $$ select jobforge_enqueue_job(p_type => 't', p_queue => %L) $$, 'slow', 'none'
  union all
  select 'a queue in a batch', $$ select jobforge_enqueue_jobs(
    p_jobs => jsonb_build_array(jsonb_build_object('type', 't', 'queue', %L))) $$, 'slow', 'none'
) as calls (what, call, theirs, unknown);
select is(duplicate, false, 'a key of theirs is free, also with another payload')
from jobforge_enqueue_job(p_type => 'test.job', p_payload => '{"n": 2}',
  p_idempotency_key => 'order-1');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job') $$, 'their full queue stops no others');
select is(
  (select count(*) from jobforge_list_queues() where queue = 'slow'), 0::bigint,
  'nor is their queue listed');

select * from finish();
rollback;
