begin;
select plan(5);

select is(
  jobforge.add_histograms(array(select n::bigint from generate_series(1, 16) as n),
    array(select (1000 * n)::bigint from generate_series(1, 16) as n)),
  array(select (1001 * n)::bigint from generate_series(1, 16) as n), 'each with its own');
select is(jobforge.percentile('{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,3}', 0.5), 1800000::bigint,
  'beyond the last bound that bound is reported');
select is(jobforge.percentile('{0,0,0,4,0,0,0,0,0,0,0,0,0,0,0,0}', 0.5), 38::bigint,
  'halfway between the bounds of its bucket');
select is(jobforge.percentile('{1,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0}', 0.5), 5::bigint,
  'a share that ends at a bound');
select is(jobforge.percentile(array_fill(0::bigint, array[16]), 0.5), null, 'of nothing');

select * from finish();
rollback;
