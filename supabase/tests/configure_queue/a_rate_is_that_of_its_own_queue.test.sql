begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant(tenant), queue, settings::jsonb)
from (values ('globex', 'default', '{"rate_limit": 2}'), ('acme', 'default', '{"rate_limit": 6}'),
  ('acme', 'beside', '{"rate_limit": 3}')) as made (tenant, queue, settings);
update jobforge.queues set tat = jobforge.clock() + interval '30 seconds', tat_interval = 10;
create temp table before as select id, tat, tat_interval from jobforge.queues;
create function pg_temp.follow(p_queue text) returns bigint language plpgsql as $$
begin
  perform jobforge.follow_rates(array[(tests.queue(p_queue)).id], jobforge.clock());
  return (select count(*) from jobforge.queues join before using (id, tat, tat_interval));
end
$$;
select is(pg_temp.follow('default'), 3::bigint, 'a rate that was not changed stays');
select is(pg_temp.follow('beside'), 2::bigint, 'one that was is followed, and no other');
select results_eq(format('select tat - jobforge.clock(), tat_interval from jobforge.queues
    where id = %s', (tests.queue('beside')).id), $$ values (interval '1 minute', 20::float8) $$,
  'three starts stay used');

select * from finish();
rollback;
