begin;
select plan(3);

create function pg_temp.subject_of(p_sub text)
returns text
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', format('{"sub": %s}', p_sub), true);
  perform jobforge.audit('test', null, p_sub, null);
  return (select subject from public.jobforge_audit_log order by id desc limit 1);
end
$$;
select is(pg_temp.subject_of('"user"'), 'user', 'a text is recorded');
select is(pg_temp.subject_of(to_jsonb(repeat('u', 5000))::text), repeat('u', 255),
  'a long one is cut');
select is(
  array[pg_temp.subject_of('1e131071'), pg_temp.subject_of('{"a": 1}'), pg_temp.subject_of('null')],
  array[null, null, null]::text[], 'anything else is none');

select * from finish();
rollback;
