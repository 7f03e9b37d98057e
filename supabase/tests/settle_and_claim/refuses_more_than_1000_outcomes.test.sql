begin;
select plan(1);

select tests.start_run();
select tests.refuses($$
  select tests.report((
    select jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'lease_token', n,
      'outcome', 'succeeded'))
    from generate_series(1, 1001) as n))
$$, 'invalid_argument', '1,001 outcomes');

select * from finish();
rollback;
