begin;
select plan(4);

select tests.freeze();
select tests.schedule('often', '{"expression": "90 seconds"}');
select results_eq(
  $$ select jobforge_next_occurrences((tests.scheduled('often')).id, 2) $$,
  $$ values ('2030-01-01 00:01:30+00'::timestamptz), ('2030-01-01 00:03+00') $$, 'of an interval');
select tests.schedule('nightly');
select tests.occur('nightly', '2030-01-01 03:00+00', '2030-01-02 03:00+00', '2030-01-03 03:00+00');
select tests.advance('1 day');
select tests.as_member('acme');
select results_eq(
  $$ select jobforge_next_occurrences((tests.scheduled('nightly')).id, 5) $$,
  $$ values ('2030-01-02 03:00+00'::timestamptz), ('2030-01-03 03:00+00') $$, 'of the calendar');
select tests.refuses(
  $$ select jobforge_next_occurrences((tests.scheduled('nightly')).id, 101) $$, 'invalid_argument');
select tests.refuses(
  $$ select jobforge_next_occurrences((tests.scheduled('nightly')).id, null) $$,
    'invalid_argument');

select * from finish();
rollback;
