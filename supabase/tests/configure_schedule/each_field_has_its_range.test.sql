begin;
select plan(8);

create function pg_temp.valid(p_place int, variadic p_values text[]) returns text language sql
return (select string_agg(case when jobforge.problem_with_expression(
    array_to_string(array_fill('*'::text, array[p_place - 1]) || value
      || array_fill('*'::text, array[5 - p_place]), ' ')) is null then 'yes' else 'no' end, ' '
  order by n) from unnest(p_values) with ordinality as given (value, n));
-- The first and the last value, one beyond each, ranges to both, a range that goes down, steps.
select is(pg_temp.valid(1, '0', '59', '60', '0-59', '50-60', '5-4', '*/59', '*/60', '*/0',
  '5/10', '5-9/10', '1,59', '1,60'), 'yes yes no yes no no yes no no no yes yes no', 'a minute');
select is(pg_temp.valid(2, '0', '23', '24', '0-23', '20-24', '5-4', '*/23', '*/24', '*/0'),
  'yes yes no yes no no yes no no', 'an hour');
select is(pg_temp.valid(3, '0', '1', '31', '32', '0-3', '1-31', '30-32', '*/31', '*/32'),
  'no yes yes no no yes no yes no', 'a day');
select is(pg_temp.valid(4, '0', '1', '12', '13', '0-3', '10-13', 'jan', 'dec', 'jan-dec',
  'dec-jan', '*/12', '*/13', 'sun'), 'no yes yes no no no yes yes yes no yes no no', 'a month');
select is(pg_temp.valid(5, '0', '7', '8', '0-7', '5-8', 'sun', 'sat', 'fri-sun', 'sun-mon',
  'sat-mon', '*/7', '*/8', 'jan'), 'yes yes no yes no yes yes yes yes no yes no no', 'a weekday');
select results_eq($$ select seconds, jobforge.problem_with_expression(seconds) is null
    from unnest(array['0 seconds', '1 second', '86400 seconds', '86401 seconds']) as seconds $$,
  $$ values ('0 seconds', false), ('1 second', true), ('86400 seconds', true),
    ('86401 seconds', false) $$, 'and so do seconds');
select results_eq($$ select days, months, jobforge.problem_with_expression(
      format('0 0 %s %s *', days, months)) is null
    from (values ('29', '2'), ('30', '2'), ('30', '4,6,9,11'), ('31', '4,6,9,11'), ('31', '2,3'),
      ('30,29', 'feb')) as c (days, months) $$,
  $$ values ('29', '2', true), ('30', '2', false), ('30', '4,6,9,11', true),
    ('31', '4,6,9,11', false), ('31', '2,3', true), ('30,29', 'feb', true) $$,
  'a day is of one of its months');
select results_eq($$ select length(expression), jobforge.problem_with_expression(expression) is null
    from (select '0 0 * * ' || rpad('', n * 2, '1,') || repeat('0', extra) || '1' as expression
      from (values (95, 1), (96, 0)) as c (n, extra)) as long $$,
  'values (200, true), (201, false)', 'an expression has 200 characters at most');

select * from finish();
rollback;
