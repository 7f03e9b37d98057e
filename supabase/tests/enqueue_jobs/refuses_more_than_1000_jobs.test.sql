begin;
select plan(1);

select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => (
    select jsonb_agg('{"type": "test.job"}'::jsonb) from generate_series(1, 1001)))
$$, 'invalid_argument', '1,001 jobs');

select * from finish();
rollback;
