begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.enqueue('other one', '{"type": "other.job"}');
select tests.enqueue('other two', '{"type": "other.job"}');
select tests.enqueue('later one', '{"run_at": "2030-01-02T00:00:00Z"}');
select tests.enqueue('later two', '{"run_at": "2030-01-02T00:00:00Z"}');
insert into tests.named_runs (name, id)
select 'worker', run_id from jobforge_start_run(p_types => '[{"type": "some.job"}]');
select tests.claim(5);
select tests.enqueue_each('bad one', 'bad two');
select tests.quarantine_ready();
select tests.enqueue_each('ready one', 'ready two');
insert into tests.named_jobs (name, tenant_id, id)
select 'new ' || case e.index when 0 then 'one' else 'two' end, tests.tenant('globex'), e.job_id
from jobforge_enqueue_jobs(tests.tenant('globex'), '[{"type": "a"}, {"type": "a"}]') as e;
select is(
  array[(select count(*) from jobforge.quarantined), (select count(*) from jobforge.unclaimed),
    (select count(*) from jobforge.scheduled), (select count(*) from jobforge.ready),
    (select count(*) from jobforge.newcomers)],
  '{2,2,2,2,2}'::bigint[], 'two wait in each place');
select jobforge_cancel_job(id, tenant_id) from tests.named_jobs where name like '% two';
select is(
  array[tests.status(place || ' one'), tests.status(place || ' two')],
  array[case place when 'later' then 'scheduled' else 'queued' end, 'canceled'], place)
from unnest('{bad,other,later,ready,new}'::text[]) as place;

select * from finish();
rollback;
