begin;
select plan(1);

select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[
    {"type": "test.job"}, {"type": "test.job", "priority": "x"}]')
$$, 'invalid_argument', 'counted from 0', 'job 1\M');

select * from finish();
rollback;
