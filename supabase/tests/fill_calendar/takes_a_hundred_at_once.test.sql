begin;
select plan(2);

create function pg_temp.fill(p_count int)
returns jsonb
language sql
as $$
  select jobforge_fill_calendar((
    select jsonb_agg(jsonb_build_object(
      'id', gen_random_uuid(), 'version', 1, 'times', '[]'::jsonb))
    from generate_series(1, p_count)))
$$;
select lives_ok('select pg_temp.fill(100)', 'a hundred');
select tests.refuses('select pg_temp.fill(101)', 'invalid_argument', 'and no more');

select * from finish();
rollback;
