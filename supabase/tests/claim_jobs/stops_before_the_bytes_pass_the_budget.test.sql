begin;
select plan(10);

create function pg_temp.claim(p_max_bytes int, p_limit int default 100)
returns text[]
language sql
as $$
  select array_agg(tests.name((c.job ->> 'id')::uuid) order by c.n)
  from json_array_elements(jobforge_claim_jobs(tests.run_id(), p_limit, p_max_bytes))
    with ordinality as c (job, n)
$$;

create function pg_temp.enqueue(p_name text, p_bytes int, p_tenant text default 'acme')
returns void
language sql
as $$
  -- Letters that are all the same: stored, it takes a hundredth of its bytes.
  select tests.enqueue(
    p_name, jsonb_build_object('payload', jsonb_build_object('a', repeat('x', p_bytes))), p_tenant)
$$;

select tests.freeze();
select tests.start_run();
select pg_temp.enqueue('one', 100000), pg_temp.enqueue('two', 100000),
  pg_temp.enqueue('three', 100000), pg_temp.enqueue('four', 100000);
select is(
  pg_temp.claim(250000), '{one,two}', 'a claim stops before the job that would pass its budget');
select is(pg_temp.claim(0), '{three}', 'it brings one job at least');
select is(pg_temp.claim(99999), '{four}', 'also when that job alone passes the budget');

select pg_temp.enqueue('small', 10), pg_temp.enqueue('large', 200000),
  pg_temp.enqueue('small too', 10);
select is(pg_temp.claim(100000), '{small}', 'no smaller job overtakes the one that did not fit');
select is(pg_temp.claim(250000), '{large,"small too"}', 'the next claim starts with it');

-- A queue whose turn comes later, so that claims reach it in a second pass only.
select jobforge_configure_queue(tests.tenant('initech'), 'default', '{"weight": 0.01}');
select tests.enqueue('filler'), tests.enqueue('other', '{}', 'initech'),
  tests.enqueue('another', '{}', 'initech');
select tests.claim(2);
select pg_temp.enqueue('fat', 100000), pg_temp.enqueue('fatter', 200000);
create temp table turns as select (tests.queue()).vtime;
select is(pg_temp.claim(250000, 5), '{fat}', 'a full claim takes no jobs of later queues instead');
select is(
  (tests.queue()).vtime, (select vtime from turns) + 1, 'its queue pays for what started');
select is((tests.queue()).runnable, true, 'and stays awake');
select is(pg_temp.claim(250000, 1), '{fatter}', 'it is next, before the others');

select pg_temp.enqueue('first', 100000), pg_temp.enqueue('behind', 200000, 'initech');
select is(
  (select array_agg(name order by name) from unnest(pg_temp.claim(250000)) as name),
  '{another,first}', 'the passes of a claim share one budget');

select * from finish();
rollback;
