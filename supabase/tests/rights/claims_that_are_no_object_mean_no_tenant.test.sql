begin;
select plan(7);

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

select * from finish();
rollback;
