begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('quick', 'exact', 'slow');
select tests.claim(3);
select tests.settle('quick', 'succeeded');
select tests.advance('10 seconds');
select tests.settle('exact', 'succeeded');
select tests.advance('2040 seconds');
select jobforge.settle(tests.run_id(), array[row(tests.id('slow'),
  (tests.job('slow')).lease_token, 'succeeded', null, null, null)::jobforge.outcome],
  jobforge.clock());
select jobforge.roll_up(jobforge.clock());
create temp table buckets as
  select (b ->> 'le')::numeric as le, (b ->> 'count')::int as count
  from jsonb_array_elements(jobforge_metrics() #> '{types,0,duration,buckets}') as b;
select results_eq('select count from buckets order by le nulls last',
  '{1,1,1,1,1,1,1,1,1,1,2,2,2,2,2,3}'::int[], 'a value at a bound is within it');
select is((select min(le) from buckets), 0.005, 'in seconds');
select is((jobforge_metrics() #>> '{types,0,duration,sum}')::numeric, 2060.0, 'their sum');
select is(jobforge_metrics() #>> '{types,0,duration,count}', '3', 'their count');

select * from finish();
rollback;
