begin;
select plan(9);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_retry_jobs(p_filter => %L)', filter), 'invalid_argument', filter)
from unnest(array['[]', '{"state": "dead"}', '{"status": "queued"}', '{"status": []}',
  '{"status": ["dead", "running"]}', '{"type": {"a": 1}}', '{"created_after": "soon"}',
  '{"created_before": "infinity"}']) as filter;
select tests.refuses(
  'select jobforge_retry_jobs(p_limit => 10001)', 'invalid_argument', 'too many');

select * from finish();
rollback;
