begin;
select plan(2);

select is_empty($$
  select distinct m[1]
  from pg_proc as p, regexp_matches(p.prosrc, 'jobforge\.fail\(\s*''([a-z_]+)''', 'g') as m
  where p.pronamespace = 'jobforge'::regnamespace
    and m[1] not in (select code from jobforge.error_codes())
$$, 'every code that is raised is listed');
select is_empty($$
  select e.code from jobforge.error_codes() as e
  where not exists (
    select from pg_proc as p
    where p.pronamespace = 'jobforge'::regnamespace
      and p.prosrc ~ ('jobforge\.fail\(\s*''' || e.code || ''''))
$$, 'every code that is listed is raised');

select * from finish();
rollback;
