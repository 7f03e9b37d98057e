begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue('old');
select tests.enqueue('theirs', '{}', 'globex');
select tests.claim(2);
select tests.settle_all('failed');
select tests.advance('2 days');
select tests.enqueue('young');
select tests.claim(1);
select tests.settle_all('failed');
insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
select tenant_id, id, '1', now() from tests.named_jobs;
insert into jobforge.webhook_bodies (tenant_id, job_id, body) select tenant_id, id, '\x00'
from tests.named_jobs;
insert into jobforge.job_progress (tenant_id, job_id, progress) select tenant_id, id, '1'
from tests.named_jobs;
insert into jobforge.cancel_requests (tenant_id, job_id, requested_at)
select tenant_id, id, now() from tests.named_jobs;
create temp view left_behind as
select 'jobs' as "table", id from jobforge.jobs
union all select 'attempts', job_id from jobforge.unsuccessful_attempts
union all select 'results', job_id from public.jobforge_job_results
union all select 'bodies', job_id from jobforge.webhook_bodies
union all select 'progress', job_id from jobforge.job_progress
union all select 'unsuccessful', id from jobforge.unsuccessful_jobs
union all select 'requests', job_id from jobforge.cancel_requests;
select is((select count(*)::int from left_behind), 21, 'three jobs in seven tables');
select jobforge_cleanup(tests.tenant('acme'), 1, '{failed}');
select results_eq($$ select "table", string_agg(tests.name(id), ',' order by tests.name(id))
  from left_behind group by 1 order by 1 $$,
  $$ select "table", 'theirs,young' from unnest('{attempts,bodies,jobs,progress,requests,results,
    unsuccessful}'::text[]) as "table" $$, 'one is gone from each');

select * from finish();
rollback;
