begin;
select plan(0);

select tests.fill('acme', 1);
select tests.act('authenticated', claims),
  is((select count(*) from jobforge_jobs), 0::bigint, 'claims ' || claims)
from unnest(array['', '[]', 'null', '5', '"authenticated"', '{', 'not json']) as claims;

select * from finish();
rollback;
