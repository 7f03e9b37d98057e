begin;
select plan(2);

select vault.create_secret('taken', format('jobforge/%s/hook/1', tests.tenant('acme')));
create function pg_temp.failure()
returns text
language plpgsql
as $$
declare
  v_value constant text := concat('whsec_', 'c4nary');
  v_message text;
  v_detail text;
  v_context text;
begin
  perform jobforge_set_secret(tests.tenant('acme'), 'hook', v_value);
  return 'none';
exception when others then
  get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail,
    v_context = pg_exception_context;
  return concat(v_message, v_detail, v_context);
end
$$;
select isnt(pg_temp.failure(), 'none', 'the name is taken');
select unalike(pg_temp.failure(), '%c4nary%', 'and the value is not shown');

select * from finish();
rollback;
