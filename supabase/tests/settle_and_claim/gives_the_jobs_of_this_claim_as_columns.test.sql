begin;
select plan(2);

select tests.start_run();
select tests.enqueue_each('held one', 'held two');
select tests.claim(2);
select tests.enqueue_each('one', 'two');
create temp table reply as
  select jobforge_settle_and_claim(tests.run_id(), p_limit => 5)::jsonb as reply;
select set_eq(
  $$ select tests.name(id::uuid)
    from reply, jsonb_array_elements_text(reply #> '{jobs,id}') as id $$,
  '{one,two}'::text[], 'none that the run holds already');
select tests.start_run('idle');
select is(
  jobforge_settle_and_claim(tests.run_id('idle'), p_limit => 5)
    #>> '{jobs,id,0}', null, 'and none of another run');

select * from finish();
rollback;
