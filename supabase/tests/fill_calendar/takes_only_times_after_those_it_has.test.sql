begin;
select plan(1);

select tests.freeze();
select tests.schedule('nightly');
select tests.occur('nightly', '2029-12-31 03:00+00', '2030-01-01 03:00+00', '2030-01-01 03:00+00');
select tests.occur('nightly', '2030-01-01 03:00+00', '2030-01-02 03:00+00', '2099-01-01 00:00+00');
select results_eq(
  'select due_at from jobforge.occurrences order by due_at',
  $$ values ('2030-01-01 03:00+00'::timestamptz), ('2030-01-02 03:00+00') $$,
  'nothing of before, nothing twice, nothing absurd');

select * from finish();
rollback;
