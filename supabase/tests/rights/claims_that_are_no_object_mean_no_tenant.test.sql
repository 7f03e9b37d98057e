begin;
select plan(10);

select tests.fill('acme', 1);
create function pg_temp.rows_seen_with(p_claims text)
returns bigint
language plpgsql
as $$
begin
  perform tests.act('authenticated', p_claims);
  return (select count(*) from jobforge_jobs);
end
$$;
select is(pg_temp.rows_seen_with(claims), 0::bigint, 'claims: ' || claims)
from unnest(array['', '[]', 'null', '5', '"authenticated"', '{', 'not json']) as claims;

-- Postgres cannot read these, though a signature can cover them.
select is(
  pg_temp.rows_seen_with(format('{"role": "authenticated", "app_metadata": {"tenant_id": "%s"},
    "extra": %s}', tests.tenant('acme'), extra)),
  0::bigint, 'claims with ' || name)
from (values ('a number out of range', '1e999999'), ('a null character', '"\u0000"'),
  ('lists nested 20,000 deep', repeat('[', 20000) || repeat(']', 20000))) as claims (name, extra);

select * from finish();
rollback;
