begin;
select plan(2);

select tests.known('acme');
select tests.freeze('2030-01-01 00:00:00.999+00');
create temp table made (n int, prefix text, id uuid);
do $$ begin
  for v_n in 1..60 loop
    perform tests.advance('37 microseconds');
    insert into made select v_n, jobforge.id_prefix(jobforge.clock()), job_id
    from public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
  end loop;
end $$;
select is_empty($$ select from made where left(replace(id::text, '-', ''), 16) <> prefix $$,
  'an id begins with the time of its job');
select results_eq('select n from made order by id', 'select n from made order by n',
  'so that ids sort by time within a millisecond');

select * from finish();
rollback;
