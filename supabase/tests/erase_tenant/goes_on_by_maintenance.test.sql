begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.fill('acme', 5);
select is(jobforge_erase_tenant(tests.tenant('acme'), 1) ->> 'state' <> 'finished', true,
  'an erasure that has begun');
do $$ begin
  for v_n in 1..20 loop
    perform jobforge.run_task('continue_erasures', jobforge.clock());
    exit when exists (select from jobforge.erasures where finished_at is not null);
  end loop;
end $$;
select isnt((select finished_at from jobforge.erasures), null,
  'is finished without a further call');
select is(jobforge.run_task('continue_erasures', jobforge.clock()),
  row(0, false, null)::jobforge.task_result, 'and then there is nothing to do');

select * from finish();
rollback;
