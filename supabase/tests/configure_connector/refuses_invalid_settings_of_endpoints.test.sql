begin;
select plan(23);

select tests.refuses(format('select tests.endpoint(p_config => %L)', setting), 'invalid_argument',
  setting)
from unnest(array[
  '{"scheme": "paypal"}', '{"scheme": "Stripe"}', '{"scheme": null}', '{"scheme": ["stripe"]}',
  '{"job_type": ""}', '{"job_type": "1a"}', '{"job_type": "a b"}', '{"job_type": null}',
  '{"queue": "A"}', '{"queue": ""}', '{"queue": null}', '{"tolerance_seconds": 9}',
  '{"tolerance_seconds": 301}', '{"tolerance_seconds": 60.5}', '{"tolerance_seconds": "300"}',
  '{"secret": "whsec_a"}', '{"verify": false}', '{"keep_body": "yes"}',
  '{"keep_body": null}']) as setting;
select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'webhook-verify', config, '{vault:hook}'),
  'invalid_argument', config)
from unnest(array['{}', '{"scheme": "stripe"}', '{"job_type": "a"}']) as config;
select tests.refuses(
  $$ select tests.endpoint(p_config => '{"scheme": "twilio"}') $$, 'invalid_argument',
  'twilio without the URL it signs');

select * from finish();
rollback;
