begin;
select plan(4);

select is(jobforge.jsonb_fits((repeat('[', 31) || '1' || repeat(']', 31))::jsonb, 1000), true,
  '31 arrays around a value are fine');
select is(jobforge.jsonb_fits((repeat('[', 32) || '1' || repeat(']', 32))::jsonb, 1000), false,
  '32 arrays are too many');
select is(jobforge.jsonb_fits((repeat('{"a":', 32) || '1' || repeat('}', 32))::jsonb, 1000), false,
  '32 objects are too many');
select is(jobforge.jsonb_fits((repeat('[', 6000) || repeat(']', 6000))::jsonb, 1000000), false,
  'thousands of arrays are too many');

select * from finish();
rollback;
