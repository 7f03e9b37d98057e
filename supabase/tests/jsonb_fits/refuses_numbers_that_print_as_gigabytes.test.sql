begin;
select plan(9);

-- Written out, each of these exceeds the gigabyte that a text can have, which raises an error.
create function pg_temp.many(p_number text, p_count int)
returns jsonb
language sql
as $$
  select jsonb_build_object('n', jsonb_agg(p_number::jsonb)) from generate_series(1, p_count)
$$;
select is(jobforge.jsonb_fits(pg_temp.many('1e131071', 9000), 262144), false, 'long integers');
select is(jobforge.jsonb_fits(pg_temp.many('-1e131071', 9000), 262144), false,
  'negative long integers');
select is(jobforge.jsonb_fits(pg_temp.many('1e-16383', 70000), 262144), false,
  'numbers with many decimal places');
select is(jobforge.jsonb_fits(pg_temp.many('-1e-16383', 70000), 262144), false,
  'negative numbers with many decimal places');
select is(jobforge.jsonb_fits(pg_temp.many('0e-16383', 70000), 262144), false,
  'zeros with many decimal places');
select is(jobforge.jsonb_fits(pg_temp.many('"x"', 9000) || jsonb_build_object(
  'deep', jsonb_build_array(pg_temp.many('1e131071', 9000))), 262144), false,
  'below other entries');
select is(jobforge.jsonb_fits(pg_temp.many('1e131071', 70), 262144), false, 'a few of them');
select is(
  jobforge.jsonb_fits(pg_temp.many('1e131071', 1), 262144), true,
  'one long number within the bound is fine');
select is(jobforge.jsonb_fits(pg_temp.many('0', 80000), 262144), true, 'plain zeros are fine');

select * from finish();
rollback;
