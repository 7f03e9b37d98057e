begin;
select plan(1);

select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[
    {"type": "test.job"}, {"type": "test.job", "timeout_ms": 1}, {"type": ""}]')
$$, 'invalid_argument', 'the first that is wrong, counted from 0', 'job 1\M.*timeout_ms');

select * from finish();
rollback;
