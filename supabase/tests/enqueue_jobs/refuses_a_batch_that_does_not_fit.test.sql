begin;
select plan(3);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 3}');
select tests.fill('acme', 1);
select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[{"type": "a"}, {"type": "b"}, {"type": "c"}]')
$$, 'queue_full', 'three more do not fit');
select is((select count(*) from jobforge_jobs), 1::bigint, 'none of them is there');
select lives_ok(
  $$ select jobforge_enqueue_jobs(p_jobs => '[{"type": "a"}, {"type": "b"}]') $$,
  'two do, exactly');

select * from finish();
rollback;
