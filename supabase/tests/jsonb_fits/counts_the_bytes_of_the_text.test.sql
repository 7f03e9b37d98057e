begin;
select plan(1);

create temp table samples (value) as
select value from unnest(array['null', 'true', '1', '0', '""', '[]', '{}', '"\u0001"', '"ü"',
  '-0.0001', '1e100', '1e-100', '0e-100', '[[], {}, null, 1]', '{"a": {"b": [1, "x", 0.50]}}'
]::jsonb[]) as value
union all
select jsonb_agg(entry) from generate_series(1, 300) as n,
  unnest(array['1', '-1e90', '0', '0e-70', '"\\"', 'null', '[]', '{"k": 12345.678}'
  ]::jsonb[]) as entry
  group by n % 3
union all
select to_jsonb(repeat(E'\x01\x02', 2000))
union all
select jsonb_build_array(1, repeat('x', 3000), jsonb_build_object('a', 2));
select is_empty($$
  select value, bytes.allowed
  from samples, lateral (values
    (octet_length(value::text) - 1), (octet_length(value::text)),
    (octet_length(value::text) + 1), (1), (1048576)) as bytes (allowed)
  where jobforge.jsonb_fits(value, bytes.allowed)
    is distinct from (octet_length(value::text) <= bytes.allowed)
$$, 'the bound is exact for every value');

select * from finish();
rollback;
