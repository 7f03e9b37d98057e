begin;
select plan(2);

select tests.healthy_project();

select is_empty($$
  select f from json_array_elements(jobforge_doctor('https://acme.supabase.co') -> 'findings') as f
  where not (f ->> 'ok')::boolean
$$, 'every check holds');
select bag_eq($$
  select f ->> 'name' from json_array_elements(jobforge_doctor() -> 'findings') as f
$$, array['extensions', 'rights', 'project_url', 'cron_jobs', 'dispatcher', 'post', 'undelivered',
  'lost_runs', 'versions', 'worker_answer', 'maintenance', 'schedules', 'queues'],
  'these are the checks');

select * from finish();
rollback;
