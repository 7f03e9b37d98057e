begin;
select plan(5);

select tests.freeze();
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_enqueue_job(p_type => %L, p_run_at => %L)', 'test.job', v.run_at),
  'invalid_argument', v.run_at)
from (values ('infinity'), ('-infinity'), ('2031-01-02 00:00:01+00'), ('2028-12-30 23:59:59+00'))
  as v (run_at);
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_run_at => t)
    from unnest('{2031-01-02 00:00:00+00,2028-12-31 00:00:00+00}'::timestamptz[]) as t $$,
  'the bounds are inside: 366 days each way');

select * from finish();
rollback;
