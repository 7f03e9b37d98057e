begin;
select plan(4);

create function pg_temp.endpoint(p_url text) returns text language plpgsql as $$
begin
  perform tests.endpoint(p_config => jsonb_build_object('scheme', 'twilio', 'url', p_url));
  return tests.open('webhook-verify') #>> '{config,url}';
exception when sqlstate 'PT400' then
  return 'invalid';
end
$$;
select is(pg_temp.endpoint(url), coalesce(returned, url), what)
from (values ('https://abc.example.com/functions/v1/webhook-verify/x?y=1', null, 'as it is'),
  ('https://abc.example.com/x#y', 'invalid', 'none with a fragment'),
  ('https://abc.example.com/x' || chr(92) || 'y', 'invalid', 'or with a backslash'),
  ('https://user@abc.example.com/x', 'invalid', 'or with a user')) as given (url, returned, what);

select * from finish();
rollback;
