begin;
select plan(2);

select tests.start_run();
select jobforge_enqueue_jobs(tests.tenant('acme'), (
  select jsonb_agg(jsonb_build_object('type', 'test.job', 'payload', n) order by n)
  from generate_series(1, 1000) as n));

create temp table started as
  select (job ->> 'payload')::int as payload, n
  from json_array_elements(jobforge_claim_jobs(tests.run_id(), 1000)) with ordinality as c (job, n);
select is((select count(*) from started), 1000::bigint, 'a batch may have 1,000 jobs');
select is(
  (select count(*) from started where payload <> n), 0::bigint,
  'the jobs of one batch start in the order of the batch');

select * from finish();
rollback;
