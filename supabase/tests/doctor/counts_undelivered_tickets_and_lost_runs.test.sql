begin;
select plan(4);

create function pg_temp.finding(p_name text, p_url text default null)
returns text
language sql
as $$
  select format('%s: %s', f ->> 'ok', f ->> 'found')
  from json_array_elements(jobforge_doctor(p_url) -> 'findings') as f
  where f ->> 'name' = p_name
$$;

select tests.freeze();
select is(pg_temp.finding('undelivered'), 'true: 0 tickets of the last hour were never redeemed',
  'none');
select is(pg_temp.finding('lost_runs'), 'true: 0 runs of the last hour stopped reporting', 'none');

insert into jobforge.runs (state, created_at, ended_at)
select r.state, jobforge.clock(), jobforge.clock() - r.ago
from (values ('undelivered', interval '1 minute'), ('undelivered', '2 hours'),
  ('lost', '10 minutes'), ('lost', '50 minutes')) as r (state, ago);
select is(pg_temp.finding('undelivered'), 'false: 1 tickets of the last hour were never redeemed',
  'those of the last hour');
select is(pg_temp.finding('lost_runs'), 'false: 2 runs of the last hour stopped reporting', 'and both');

select * from finish();
rollback;
