begin;
select plan(5);

create function pg_temp.refusal(p_statement text)
returns text
language plpgsql
as $$
begin
  execute p_statement;
  perform jobforge.apply_rights();
  return 'granted';
exception when others then
  return sqlerrm;
end
$$;

select is(pg_temp.refusal(statement),
  'the comment of a function must begin with its audience: ' || function, reason)
from (values
  ('create function public.jobforge_new() returns int language sql as ''select 1''',
    'public.jobforge_new()', 'a public function without a comment'),
  ($$ create function public.jobforge_new() returns int language sql as 'select 1';
    comment on function public.jobforge_new() is 'Everyone: returns one.' $$,
    'public.jobforge_new()', 'an unknown audience'),
  ($$ create function jobforge.new() returns int language sql security definer as 'select 1';
    comment on function jobforge.new() is 'Returns one.' $$,
    'jobforge.new()', 'a function with the rights of its owner'),
  ($$ comment on function jobforge.clock() is 'Anyone: the clock.' $$,
    'jobforge.clock()', 'an internal function that names an unknown audience'))
  as f (statement, function, reason);
select is(pg_temp.refusal($$
  create function public.jobforge_new() returns int language sql as 'select 1';
  comment on function public.jobforge_new() is 'Users: returns one.' $$), 'granted', 'a known one');

select * from finish();
rollback;
