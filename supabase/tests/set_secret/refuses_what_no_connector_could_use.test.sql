begin;
select plan(29);

create function pg_temp.refusal(p_name text, p_value text)
returns text
language plpgsql
as $$
begin
  perform jobforge_set_secret(tests.tenant('acme'), p_name, p_value);
  return 'stored';
exception when sqlstate 'PT400' then
  return sqlerrm;
end
$$;

select is(pg_temp.refusal('any', value), 'p_value ' || reason, what)
from (values
  (' begins with a blank', 'must not begin or end with a blank or an invisible character',
    'a blank before it'),
  ('ends with a blank ', 'must not begin or end with a blank or an invisible character',
    'a blank behind it'),
  (E'ends with a tab\t', 'must not begin or end with a blank or an invisible character', 'a tab'),
  (U&'\200Bcopied from a page', 'must not begin or end with a blank or an invisible character',
    'an invisible character'),
  (U&'copied from a page\FEFF', 'must not begin or end with a blank or an invisible character',
    'a byte order mark'),
  (E'with \x1b control', 'must have no control characters', 'a control character'),
  (E'\n', 'must have 1 to 8192 bytes', 'a line break alone')) as c (value, reason, what);

select tests.endpoint(p_config => config::jsonb, p_refs => array['vault:' || name],
  p_name => name)
from (values ('text', '{"scheme": "github"}'), ('standard', '{"scheme": "clerk"}'),
  ('auth', '{"scheme": "supabase-auth"}'), ('discord', '{"scheme": "discord"}'),
  ('sendgrid', '{"scheme": "sendgrid"}'),
  ('hex', '{"scheme": "custom", "signature": {"header": "x-s", "secret": "hex"}}'),
  ('base64', '{"scheme": "custom", "signature": {"header": "x-s", "secret": "base64"}}'))
  as c (name, config);
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/"}',
  '{vault:deliver}');
select tests.connector('connector.http.request',
  '{"hosts": ["api.example.com"], "auth": {"header": "authorization"}}', '{vault:header}');
select matches(pg_temp.refusal(name, value), '^p_value must .*, because of the connector', what)
from (values
  ('text', 'only 15 bytes !', 'a short text'),
  ('standard', 'whsec_AAAA', 'a short key'),
  ('standard', 'whsec_not*base64*not*base64*', 'no base64'),
  ('standard', 'whsec_' || repeat('A', 25), 'base64 that is cut'),
  ('standard', 'whpk_' || repeat('A', 43) || '=', 'an asymmetric key'),
  ('auth', 'v1,whsec_' || repeat('A', 32) || '|v1,whsec_' || repeat('B', 32), 'two at once'),
  ('discord', repeat('a', 63), 'a public key that is cut'),
  ('discord', 'a bot token of the same application, by mistake', 'no public key'),
  ('sendgrid', 'SG.an-api-key-in-place-of-the-verification-key', 'no public key'),
  ('hex', 'abc' || repeat('0', 30), 'an odd number of digits'),
  ('base64', 'with blanks in between', 'no base64'),
  ('deliver', 'whsec_' || encode(repeat('x', 23)::bytea, 'base64'), 'a short signing key'),
  ('deliver', repeat('A', 32), 'a signing key without prefix'),
  ('header', E'two\nlines', 'two lines in a header')) as c (name, value, what);

select is(pg_temp.refusal(name, value), 'stored', what)
from (values
  ('auth', 'v1,whsec_' || repeat('A', 32), 'as Supabase Auth shows it'),
  ('standard', repeat('-_', 16), 'base64url'),
  ('standard', 'whsec_' || repeat('A', 22), 'without padding'),
  ('discord', repeat('AB', 32), 'upper case'),
  ('header', 'short', 'a short token'),
  ('text', E'sixteen bytes ok\r\n', 'with a line break')) as c (name, value, what);
select is(decrypted_secret, 'sixteen bytes ok', 'which is not part of it')
from vault.decrypted_secrets where name = format('jobforge/%s/text/1', tests.tenant('acme'));
select tests.refuses(format('select jobforge_rotate_secret(%L, %L, %L)', tests.tenant('acme'),
  'text', 'short'), 'invalid_argument', 'a rotation follows the same rules');

select * from finish();
rollback;
