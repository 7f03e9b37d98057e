begin;
select plan(3);

select tests.hold_job();
select tests.refuses(
  format('select tests.report(jsonb_build_array(tests.outcome(%L, %L, %L)))',
    'job', 'errored', member),
  'invalid_argument', member)
from unnest(array['{"lease_token": "x"}', '{"id": "x"}', '{"retry_after_ms": "soon"}']) as member;

select * from finish();
rollback;
