begin;
select plan(3);

select tests.freeze();
select tests.start_run();
create temp table none as
  select jobforge_settle_and_claim(tests.run_id(), p_limit => 5)::jsonb -> 'jobs' as jobs;
select tests.enqueue('second', '{"payload": [2]}');
select tests.enqueue('first', '{"payload": {"n": 1}, "priority": -1}');
create temp table columns as
  select jobforge_settle_and_claim(tests.run_id(), p_limit => 5)::jsonb -> 'jobs'
    as jobs;
select is(
  (select jobs -> 'id' from columns), jsonb_build_array(tests.id('first'), tests.id('second')),
  'each column has the jobs in their order');
select jobforge_release_jobs(tests.run_id());
create temp table rows as
  select jobforge_claim_jobs(tests.run_id(), 5)::jsonb as jobs;
select is(
  (select jobs - 'lease_token' from columns),
  (select jsonb_object_agg(named.name, named.values) from (
    select e.key as name, jsonb_agg(e.value order by j.ordinality) as values
    from rows, jsonb_array_elements(rows.jobs) with ordinality as j, jsonb_each(j.value) as e
    where e.key <> 'lease_token'
    group by e.key) as named),
  'and they say the same as rows');
select is(
  (select jsonb_object_agg(c.key, '[]'::jsonb) from columns, jsonb_each(columns.jobs) as c),
  (select none.jobs from none), 'a claim that finds nothing gives the same columns, empty');

select * from finish();
rollback;
