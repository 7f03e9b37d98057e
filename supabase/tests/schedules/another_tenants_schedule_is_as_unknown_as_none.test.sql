begin;
select plan(6);

select tests.schedule('nightly', '{}', 'globex');
select tests.as_member('acme');
select tests.refuses(format('select %s(%s)', function, id), 'not_found', function || ' of ' || id)
from unnest(
    '{jobforge_delete_schedule,jobforge_run_schedule,jobforge_next_occurrences}'::text[])
    as function,
  unnest(array['(select id from tests.schedules)', 'gen_random_uuid()']) as id;

select * from finish();
rollback;
