begin;
select plan(1);

select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => jsonb_build_array('{"type": "test.job"}'::jsonb,
    '{"type": "test.job"}'::jsonb,
    jsonb_build_object('type', 'test.job', 'payload', repeat('x', 300000))))
$$, 'payload_too_large', 'counted from 0', 'job 2\M');

select * from finish();
rollback;
