begin;
select plan(33);

create function pg_temp.custom(p_signature jsonb, p_more jsonb default '{}')
returns uuid
language sql
as $$
  select tests.endpoint(p_config => jsonb_build_object(
    'scheme', 'custom', 'signature', '{"header": "x-signature"}'::jsonb || p_signature) || p_more)
$$;

select tests.refuses(format('select pg_temp.custom(%L)', signature), 'invalid_argument', signature)
from unnest(array[
  '{"header": "X-Signature"}', '{"header": ""}', '{"header": 1}', '{"prefix": ""}',
  '{"prefix": "with blank"}', '{"encoding": "binary"}', '{"algorithm": "md5"}',
  '{"algorithm": "SHA256"}', '{"secret": "base32"}', '{"timestamp_unit": "minutes"}',
  '{"id_member": "a b"}', '{"id_member": "a.b.c.d.e"}', '{"signed": ""}',
  '{"signed": "timestamp"}', '{"signed": "{body}{body}"}', '{"signed": "{boddy}"}',
  '{"signed": "{body"}', '{"signed": "{timestamp}.{body}"}', '{"timestamp_header": "x-time"}',
  '{"signed": "{id}.{body}"}', '{"id_header": "x-id"}',
  '{"signed": "{id}{body}", "id_header": "x-id"}',
  '{"signed": "{body}{id}", "id_header": "x-id"}',
  '{"signed": "v0{id}.{body}", "id_header": "x-id"}',
  '{"signed": "{id}-{body}", "id_header": "x-id"}', '{"signed": "{url}{body}"}',
  '{"verify": false}']) as signature;
select tests.refuses($$ select tests.endpoint(p_config => '{"scheme": "custom"}') $$,
  'invalid_argument', 'custom without a signature');
select tests.refuses(
  $$ select tests.endpoint(p_config => '{"signature": {"header": "x-signature"}}') $$,
  'invalid_argument', 'a signature of another scheme');
select tests.refuses($$ select pg_temp.custom('{}', '{"signature": {}}') $$, 'invalid_argument',
  'a signature without its header');
select tests.refuses(
  $$ select tests.endpoint(p_config => '{"scheme": "hubspot"}') $$, 'invalid_argument',
  'hubspot without the URL it signs');
select lives_ok($$
  select pg_temp.custom('{"prefix": "sha512=", "encoding": "base64url", "algorithm": "sha512",
    "secret": "hex", "signed": "{id}.POST{url}\n{body}|{timestamp}", "id_header": "x-id",
    "timestamp_header": "x-time", "timestamp_unit": "ms", "id_member": "meta.id"}',
    '{"url": "https://hooks.example.com/in"}') $$, 'every setting');
select lives_ok($$
  select pg_temp.custom('{"signed": "POST{url}{body}{timestamp}", "timestamp_header": "x-time"}',
    '{"url": "https://hooks.example.com/in"}') $$, 'parts of one length need nothing between');

select * from finish();
rollback;
