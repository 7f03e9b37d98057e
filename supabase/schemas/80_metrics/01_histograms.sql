-- Histograms of durations and latencies: sixteen buckets with fixed bounds.

create function jobforge.bucket_bounds()
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{5,10,25,50,100,250,500,1000,2500,5000,10000,30000,60000,300000,1800000}'::int[]
$$;
comment on function jobforge.bucket_bounds() is
  'Upper bounds of the buckets in milliseconds, each inclusive. A sixteenth bucket has no bound.';

create function jobforge.histogram(p_buckets int[], p_counts bigint[])
returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_histogram bigint[] := array_fill(0::bigint, array[16]);
begin
  for v_i in 1..coalesce(cardinality(p_buckets), 0) loop
    v_histogram[p_buckets[v_i] + 1] := v_histogram[p_buckets[v_i] + 1] + p_counts[v_i];
  end loop;
  return v_histogram;
end
$$;
comment on function jobforge.histogram(int[], bigint[]) is
  'Returns a histogram: the sum of the counts per bucket. Buckets are numbered from 0.';

create function jobforge.add_histograms(p_one bigint[], p_other bigint[])
returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- One expression: a loop would take twenty times as long.
  return array[p_one[1] + p_other[1], p_one[2] + p_other[2], p_one[3] + p_other[3],
    p_one[4] + p_other[4], p_one[5] + p_other[5], p_one[6] + p_other[6], p_one[7] + p_other[7],
    p_one[8] + p_other[8], p_one[9] + p_other[9], p_one[10] + p_other[10],
    p_one[11] + p_other[11], p_one[12] + p_other[12], p_one[13] + p_other[13],
    p_one[14] + p_other[14], p_one[15] + p_other[15], p_one[16] + p_other[16]];
end
$$;
comment on function jobforge.add_histograms(bigint[], bigint[]) is 'The sum of two histograms.';

create function jobforge.percentile(p_histogram bigint[], p_share double precision)
returns bigint
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bounds constant int[] := jobforge.bucket_bounds();
  v_rank double precision := p_share * (select sum(count) from unnest(p_histogram) as count);
  v_lower int;
begin
  for v_i in 1..cardinality(v_bounds) loop
    if p_histogram[v_i] > 0 and p_histogram[v_i] >= v_rank then
      v_lower := case when v_i > 1 then v_bounds[v_i - 1] else 0 end;
      return round(v_lower + (v_bounds[v_i] - v_lower) * v_rank / p_histogram[v_i]);
    end if;
    v_rank := v_rank - p_histogram[v_i];
  end loop;
  return case when v_rank is not null and v_rank > 0 then v_bounds[cardinality(v_bounds)] end;
end
$$;
comment on function jobforge.percentile(bigint[], double precision) is
  'Returns the value that a share of the attempts stayed under, interpolated within its bucket. '
  'Null when there are none.';

create function jobforge.histogram_json(p_histogram bigint[], p_sum_ms bigint)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'buckets', jsonb_agg(
      jsonb_build_object('le', summed.le, 'count', summed.count) order by summed.n),
    'sum', p_sum_ms / 1000.0, 'count', max(summed.count))
  from (
    select bucket.n, (jobforge.bucket_bounds())[bucket.n] / 1000.0 as le,
      sum(bucket.count) over (order by bucket.n) as count
    from unnest(p_histogram) with ordinality as bucket (count, n)
  ) as summed
$$;
comment on function jobforge.histogram_json(bigint[], bigint) is
  'A histogram in seconds with cumulative buckets. The last one has no bound: its le is null.';
