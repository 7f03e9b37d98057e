begin;
select plan(18);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
create function pg_temp.held() returns text language sql
return (select string_agg(names.list, ' | ' order by leases.token)
  from jobforge.leases cross join lateral (
    select string_agg(tests.name(id), ',' order by n) as list
    from unnest(leases.ids) with ordinality as member (id, n)) as names);
create function pg_temp.lease_of(p_name text) returns jsonb language sql
return jsonb_build_object('lease_token', (tests.job(p_name)).lease_token);

select tests.enqueue('alone');
select tests.claim(1);
select tests.enqueue_each('a1', 'a2', 'a3', 'a4');
select tests.claim(4);
select tests.enqueue_each('b1', 'b2');
select tests.claim(2);
select tests.enqueue('beside');
select tests.claim(1);
select is(pg_temp.held(), 'alone | a1,a2,a3,a4 | b1,b2 | beside', 'four leases');
select is(tests.settle('alone', 'succeeded') - 'jobs' - 'next_at',
  '{"settled": 1, "stale": [], "abort": []}', 'one job that succeeded alone');
select is(pg_temp.held(), 'a1,a2,a3,a4 | b1,b2 | beside', 'takes its own lease');
select results_eq('select latency_ms, duration_ms from jobforge.outcome_batches',
  $$ values ('{0}'::int[], '{0}'::int[]) $$, 'it lasted no time');
select is(tests.settle('a2', 'succeeded') ->> 'settled', '1', 'one of a lease');
select is(pg_temp.held(), 'a1,a3,a4 | b1,b2 | beside', 'goes out of it');
select is(tests.settle('a3', 'errored') ->> 'settled', '1', 'also one that failed');
select is(pg_temp.held(), 'a1,a4 | b1,b2 | beside', 'from between the others');

select jobforge_cancel_job(tests.id('a4'), tests.tenant('acme'));
select jobforge_cancel_job(tests.id('b1'), tests.tenant('acme'));
select is(tests.report(jsonb_build_array(pg_temp.lease_of('a1'))) ->> 'settled', '2',
  'a whole lease');
select is(array[tests.status('a1'), tests.status('a4'), tests.status('b1')],
  '{succeeded,canceled,running}', 'with the job that was to stop, and no other one');
select is(pg_temp.held(), 'b1,b2 | beside', 'and the other leases stay');

-- Bodies that have moved are found by their keys.
update jobforge.jobs set attempts = attempts where id in (tests.id('b2'), tests.id('beside'));
create temp table others as select token, places from jobforge.leases
  where ids = array[tests.id('beside')];
select ok(jobforge.refresh_places(tests.run_id(), array[(tests.job('b1')).lease_token]),
  'one has moved');
select results_eq($$
  select id, place from jobforge.leases, unnest(ids, places) as member (id, place)
  where cardinality(ids) = 2
$$, $$ select id, ctid from jobforge.jobs where id in (tests.id('b1'), tests.id('b2'))
  order by id $$, 'its lease has both places in order');
select results_eq($$ select token, places from jobforge.leases where cardinality(ids) = 1 $$,
  'select token, places from others', 'the lease that was not named has not');
select ok(not jobforge.refresh_places(tests.run_id(), array[(tests.job('b1')).lease_token]),
  'nothing more has moved');
select is(tests.settle('beside', 'succeeded') ->> 'settled', '1', 'it is found all the same');
delete from jobforge.outcome_batches;
select tests.report('[{"id": "00000000-0000-0000-0000-000000000000", "lease_token": 1,
  "outcome": "errored"}, {"lease_token": 2}]');
select is_empty('select from jobforge.outcome_batches',
  'a report that counts for none is no batch');
select tests.refuses($$ select tests.report('[{"lease_token": "1e30"}]') $$, 'invalid_argument',
  'a token that is no number');

select * from finish();
rollback;
