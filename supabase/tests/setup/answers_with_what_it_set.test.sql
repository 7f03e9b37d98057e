begin;
select plan(1);

select bag_eq(
  $$ select * from jobforge_setup('https://abc.supabase.co', 7) $$,
  $$ values ('project_url', 'https://abc.supabase.co'), ('max_runs', '7'),
    ('worker_function', 'worker'),
    ('jobforge-dispatch', '10 seconds'), ('jobforge-maintain', '10 seconds') $$,
  'settings and schedules');

select * from finish();
rollback;
