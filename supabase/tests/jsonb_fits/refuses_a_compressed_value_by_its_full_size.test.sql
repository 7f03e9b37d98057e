begin;
select plan(3);

create temp table stored (value jsonb);
insert into stored
select jsonb_agg('1e131071'::jsonb) from generate_series(1, 9000);
insert into stored
values (to_jsonb(repeat('x', 2000000)));
select cmp_ok(max(pg_column_size(value)), '<', 30000, 'the values are compressed as stored')
from stored;
select is(bool_or(jobforge.jsonb_fits(value, 262144)), false, 'none of them fits') from stored;
select is(bool_and(jobforge.jsonb_fits(value, 2000002)), true, 'a bound that is reached is enough')
from stored where jsonb_typeof(value) = 'string';

select * from finish();
rollback;
