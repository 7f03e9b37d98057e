begin;
select plan(5);

select is(jobforge.first_moment_of(local, 'Europe/Berlin'), at, what)
from (values ('2026-03-29 02:30'::timestamp, '2026-03-29 01:00Z'::timestamptz,
    'a time that is skipped occurs at the end of the gap'),
  ('2026-10-25 02:30', '2026-10-25 00:30Z', 'one that comes twice the first time'))
  as given (local, at, what);
select is(jobforge.moments_of_schedule(expression, 'Europe/Berlin',
    array['2026-10-25 01:30', '2026-10-25 02:30', '2026-10-25 03:30']::timestamp[]),
  at, expression)
from (values ('30 * * * *', array['2026-10-24 23:30Z', '2026-10-25 00:30Z', '2026-10-25 01:30Z',
    '2026-10-25 02:30Z']::timestamptz[]),
  ('30 1-3 * * *', array['2026-10-24 23:30Z', '2026-10-25 00:30Z', '2026-10-25 02:30Z']
    ::timestamptz[])) as given (expression, at);
select tests.freeze();
select tests.schedule('never');
select tests.occur('never', variadic '{}');
select is((tests.scheduled('never')).problem, 'the worker found no next occurrence',
  'a calendar without a next occurrence has a problem');

select * from finish();
rollback;
