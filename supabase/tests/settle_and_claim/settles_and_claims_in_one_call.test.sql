begin;
select plan(3);

select tests.start_run();
select tests.enqueue_each('first', 'second');
select tests.claim();
create temp table answer as
  select jobforge_settle_and_claim(tests.run_id(),
    jsonb_build_array(tests.outcome('first', 'succeeded')), 10)::jsonb as answer;
select is((select answer ->> 'settled' from answer), '1', 'one outcome counts');
select is(
  (select tests.name((answer #>> '{jobs,id,0}')::uuid) from answer), 'second', 'one job starts');
select is((select jsonb_array_length(answer #> '{jobs,id}') from answer), 1, 'only one is left');

select * from finish();
rollback;
