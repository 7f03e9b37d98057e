begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue(name, jsonb_build_object('payload', jsonb_build_object('is', name)))
from unnest('{other,one,two,three}'::text[]) as name;
create function pg_temp.payloads(p_limit int) returns text language sql
return (select string_agg(job #>> '{payload,is}', ',' order by n)
  from json_array_elements(public.jobforge_claim_jobs(tests.run_id(), p_limit))
    with ordinality as claimed (job, n));
select is(pg_temp.payloads(1), 'other', 'a job that ends');
-- As after VACUUM FULL: each place is that of the other job now.
update jobforge.ready set place = (select ctid from jobforge.jobs where id = tests.id('other'));
select is(pg_temp.payloads(1), 'one', 'a job alone is read by its key');
select is(pg_temp.payloads(2), 'two,three', 'and so are several');
select is(tests.status('other'), 'running', 'the other job is as it was');
update jobforge.leases set places = array_fill(
  (select ctid from jobforge.jobs where id = tests.id('other')), array[cardinality(ids)]);
select is(tests.settle('one', 'succeeded') ->> 'settled', '1', 'one ends alone');
select is(tests.report(jsonb_build_array(tests.outcome('two', 'succeeded'),
  tests.outcome('three', 'succeeded'))) ->> 'settled', '2', 'and the others together');
select is(array[tests.status('other'), tests.status('one'), tests.status('two'),
  tests.status('three')], '{running,succeeded,succeeded,succeeded}', 'each for itself');

select * from finish();
rollback;
