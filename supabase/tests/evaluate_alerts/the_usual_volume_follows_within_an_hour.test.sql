begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), name)
from unnest('{hour,moment,new,quiet}'::text[]) as name;
insert into jobforge.queue_deltas (queue_id, enqueued)
select id, 400 from jobforge.queues union all select id, 200 from jobforge.queues;
insert into jobforge.metrics_by_minute select id, jobforge.clock() - case queue
    when 'quiet' then interval '181 seconds' else '180 seconds' end,
  'test.job', 1, 1, 0, 0, 0, 0, '{}', 0, '{}', 0 from jobforge.queues;
insert into jobforge.enqueue_volumes (queue_id, enqueued, at, per_minute, usual_per_minute)
select id, 0, jobforge.clock() - before, 60, 0 from jobforge.queues join (
  values ('hour', interval '1 hour'), ('moment', '30 seconds'), ('quiet', '1 minute'))
  as seen (queue, before) using (queue);
select jobforge.observe_volumes(jobforge.clock());
select results_eq($$ select q.queue::text, enqueued, per_minute,
    round(usual_per_minute::numeric, 2), v.at = jobforge.clock()
  from jobforge.enqueue_volumes as v join jobforge.queues as q on q.id = v.queue_id order by 1 $$,
  $$ values ('hour', 600::bigint, 10::float8, 37.93, true),
    ('moment', 600, 600, 0.50, true), ('new', 600, 0, 0.00, true),
    ('quiet', 0, 60, 0.00, false) $$, 'by the volume before, and the time that passed');
update jobforge.alert_rules set threshold = 10, minimum = 10 where rule = 'enqueue_volume';
create function pg_temp.read(p_after interval) returns bigint language sql
return (select count(*) from jobforge.readings((select rules from jobforge.alert_rules as rules
  where rule = 'enqueue_volume'), jobforge.clock() + p_after));
select is(pg_temp.read('4 minutes 59 seconds'), 2::bigint, 'two have enough jobs a minute');
select is(pg_temp.read('5 minutes'), 0::bigint, 'what is five minutes old says nothing');

select * from finish();
rollback;
