begin;
select plan(4);

select tests.setup(10);
select tests.bring('dead', 'dead');
select tests.bring('failed', 'failed');
select tests.bring('canceled', 'canceled');
select tests.bring('succeeded', 'succeeded');
select tests.bring('of globex', 'dead', 'globex');
select is(
  jobforge_retry_jobs(tests.tenant('acme'), p_dry_run => false) -> 'count', '2', 'two of them');
select results_eq(
  $$ select n, tests.status(n)
    from unnest('{dead,failed,canceled,succeeded,of globex}'::text[]) as n $$,
  $$ values ('dead', 'queued'), ('failed', 'queued'), ('canceled', 'canceled'),
    ('succeeded', 'succeeded'), ('of globex', 'dead') $$,
  'no others, and no other tenant''s');
select is((tests.job('dead')).max_attempts, 2, 'with fresh attempts');
select tests.start_run();
select set_eq($$ select tests.claim(10) $$, '{dead,failed}'::text[], 'and they start');

select * from finish();
rollback;
