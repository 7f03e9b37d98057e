begin;
select plan(1);

select is_empty($$
  select f ->> 'name' from json_array_elements(jobforge_doctor() -> 'findings') as f
  where coalesce(f ->> 'fix', '') = '' or coalesce(f ->> 'found', '') = '' or f ->> 'ok' is null
$$, 'and a word about what was found');

select * from finish();
rollback;
