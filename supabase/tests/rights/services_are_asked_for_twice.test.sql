begin;
select plan(2);

-- Behind the grants a second lock: a member that is let in by mistake is still no service.
create temp table calls as
  select p.oid::regproc as name, format('select %s(%s)', p.oid::regproc, (
      select string_agg('null::' || format_type(t.type, null), ', ' order by t.n)
      from unnest(p.proargtypes) with ordinality as t (type, n))) as call
  from pg_proc as p
  where p.pronamespace = 'jobforge'::regnamespace and p.prosecdef
    and p.prorettype <> 'trigger'::regtype
    and not has_function_privilege('authenticated', p.oid, 'execute');
grant select on calls to authenticated;
grant execute on all functions in schema jobforge to authenticated;

create function pg_temp.answer(p_call text)
returns text
language plpgsql
as $$
declare
  v_code text;
begin
  execute p_call;
  return 'done';
exception when others then
  get stacked diagnostics v_code = pg_exception_detail;
  return v_code;
end
$$;

select tests.as_member('acme');
select is_empty(
  $$ select c.name, a from calls as c, pg_temp.answer(c.call) as a where a <> 'forbidden' $$,
  'each function for services refuses a member');
select tests.refuses(
  $$ select jobforge.configure_schedule(null, 'a', '{}', true) $$, 'forbidden');

select * from finish();
rollback;
