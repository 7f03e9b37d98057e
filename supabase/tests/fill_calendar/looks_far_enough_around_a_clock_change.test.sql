begin;
select plan(1);

select results_eq($$
  select jobforge.local_window(at::timestamptz, 'Europe/Berlin', 64)
  from unnest(array['2026-06-01 10:00Z', '2026-10-24 10:00Z', '2026-10-25 10:00Z',
    '2026-03-28 10:00Z', '2026-03-29 10:00Z']) as at
$$, $$ values ('{"after": "2026-06-01T12:00", "count": 64}'::jsonb),
  ('{"after": "2026-10-24T11:00", "count": 124}'), ('{"after": "2026-10-25T11:00", "count": 124}'),
  ('{"after": "2026-03-28T11:00", "count": 124}'), ('{"after": "2026-03-29T12:00", "count": 124}')
$$, 'an hour that comes again, or is skipped, has room');

select * from finish();
rollback;
