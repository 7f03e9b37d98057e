begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select is(tests.finding('undelivered'), 'true: 0 tickets of the last hour were never redeemed',
  'none');
select is(tests.finding('lost_runs'), 'true: 0 runs of the last hour stopped reporting', 'none');

insert into jobforge.runs (state, created_at, ended_at)
select r.state, jobforge.clock(), jobforge.clock() - r.ago
from (values ('undelivered', interval '1 minute'), ('undelivered', '2 hours'),
  ('lost', '10 minutes'), ('lost', '50 minutes'), ('lost', '2 hours')) as r (state, ago);
select is(tests.finding('undelivered'), 'false: 1 tickets of the last hour were never redeemed',
  'those of the last hour');
select is(tests.finding('lost_runs'), 'false: 2 runs of the last hour stopped reporting',
  'and both');

select * from finish();
rollback;
