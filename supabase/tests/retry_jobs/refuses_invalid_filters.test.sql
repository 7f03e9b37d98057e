begin;
select plan(11);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_retry_jobs(p_filter => %L)', filter), 'invalid_argument', filter)
from unnest(array['[]', '{"state": "dead"}', '{"status": "queued"}', '{"status": []}',
  '{"status": ["dead", "running"]}', '{"type": {"a": 1}}', '{"created_after": "soon"}',
  '{"created_before": "infinity"}', '{"created_after": "01/12/2026"}',
  '{"created_before": "2026-01-12T09:00:00"}']) as filter;
select tests.refuses(
  'select jobforge_retry_jobs(p_limit => 10001)', 'invalid_argument', 'too many');

select * from finish();
rollback;
