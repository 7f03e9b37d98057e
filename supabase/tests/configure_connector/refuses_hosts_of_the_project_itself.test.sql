begin;
select plan(12);

update jobforge.settings set project_url = 'https://abcdefghijklmnopqrst.supabase.co';
select tests.refuses(
  format('select tests.connector(%L, %L)', 'connector.http.request',
    jsonb_build_object('hosts', jsonb_build_array('api.example.com', host))),
  'invalid_argument', host)
from unnest(array['abcdefghijklmnopqrst.supabase.co', 'db.abcdefghijklmnopqrst.supabase.co',
  'abcdefghijklmnopqrst.functions.supabase.co', 'abcdefghijklmnopqrst.storage.supabase.co',
  '*.abcdefghijklmnopqrst.supabase.co']) as host;
select tests.refuses(format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver',
  '{"url": "https://abcdefghijklmnopqrst.supabase.co/functions/v1/worker"}', '{vault:hook}'),
  'invalid_argument', 'nor is a webhook delivered there');
select lives_ok(
  format('select tests.connector(%L, %L)', 'connector.http.request',
    jsonb_build_object('hosts', jsonb_build_array(host))), 'but ' || host)
from unnest(array['tsrqponmlkjihgfedcba.supabase.co', '*.functions.supabase.co',
  'xabcdefghijklmnopqrst.supabase.co']) as host;
select lives_ok($$ select tests.endpoint(p_config => '{"scheme": "twilio",
  "url": "https://abcdefghijklmnopqrst.supabase.co/functions/v1/webhook-verify/x"}') $$,
  'and a webhook endpoint is of the project');
update jobforge.settings set project_url = 'http://127.0.0.1:54321';
select lives_ok($$ select tests.connector('connector.http.request', '{"hosts": ["127.0.0.1"]}') $$,
  'a local project opens loopback');
update jobforge.settings set project_url = null;
select lives_ok($$ select tests.connector('connector.http.request',
  '{"hosts": ["abcdefghijklmnopqrst.supabase.co"]}') $$, 'a project without a URL names no host');

select * from finish();
rollback;
