begin;
select plan(13);

-- A histogram with p_count in the bucket p_bucket, and p_last in the last one.
create function pg_temp.histogram(p_bucket int, p_count bigint, p_last bigint default 0)
returns bigint[] language sql
return array_fill(0::bigint, array[p_bucket - 1]) || p_count
  || array_fill(0::bigint, array[15 - p_bucket]) || p_last;
select is(jobforge.histogram('{0,3,3,15}', '{1,2,4,8}'),
  '{1,0,0,6,0,0,0,0,0,0,0,0,0,0,0,8}'::bigint[], 'the counts of a bucket are added up');
select is(jobforge.histogram(null, null), array_fill(0::bigint, array[16]), 'none are zero');
select is(jobforge.percentile(pg_temp.histogram(1, 10), 0.5), 2::bigint,
  'half of the first bucket, rounded');
select is(jobforge.percentile(pg_temp.histogram(1, 10), 1), 5::bigint, 'its bound at the end');
select is(jobforge.percentile(pg_temp.histogram(2, 10), 0.5), 8::bigint, 'from the bound before');
select is(jobforge.percentile(pg_temp.histogram(15, 4), 0.25), 675000::bigint,
  'also in the last with a bound');
select is(jobforge.percentile(pg_temp.histogram(2, 10) || '{}'::bigint[], 0), 5::bigint,
  'the smallest');
select is(jobforge.percentile(pg_temp.histogram(1, 1, 3), 0.95), 1800000::bigint,
  'beyond every bound, the last one');
select is(jobforge.percentile(pg_temp.histogram(3, 0), 0.5), null, 'nothing of none');
select is(jobforge.percentile(null, 0.5), null, 'nor of no histogram');
select is(jobforge.percentile(
  jobforge.add_histograms(pg_temp.histogram(2, 5), pg_temp.histogram(3, 5)), 0.9), 22::bigint,
  'over two buckets');
select is(jobforge.add_histograms(
    array(select n::bigint from generate_series(1, 16) as n),
    array(select n * 100::bigint from generate_series(1, 16) as n)),
  array(select n * 101::bigint from generate_series(1, 16) as n), 'sums bucket by bucket');
select is(jobforge.histogram_json(array(select n::bigint from generate_series(1, 16) as n), 2500),
  (select jsonb_build_object('sum', 2.5, 'count', 136, 'buckets', jsonb_agg(jsonb_build_object(
      'le', (jobforge.bucket_bounds())[n] / 1000.0, 'count', n * (n + 1) / 2) order by n))
    from generate_series(1, 16) as n), 'cumulative as JSON');

select * from finish();
rollback;
