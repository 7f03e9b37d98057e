begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
create function public.refuse_all()
returns trigger
language plpgsql
as $$ begin raise exception 'for no tenant'; end $$;
create trigger refuse_all before insert on public.jobforge_queues
for each row execute function public.refuse_all();
set client_min_messages = error;
select jobforge_enqueue_job(gen_random_uuid(), 'test.job') from generate_series(1, 90);
select jobforge.promote(jobforge.clock());
-- Each further job leaves a wake-up. A claim that read all tenants for each would take seconds.
select jobforge_enqueue_job(failed_newcomers.tenant_id, 'test.job')
from jobforge.failed_newcomers;
create temp table reads as
select coalesce(idx_scan, 0) as before from pg_stat_xact_user_tables
where relid = 'jobforge.failed_newcomers'::regclass;
select jobforge.promote(jobforge.clock());
select cmp_ok((select idx_scan + seq_scan - reads.before from pg_stat_xact_user_tables, reads
    where relid = 'jobforge.failed_newcomers'::regclass), '<=', 3 * 90::bigint,
  'a claim looks at each tenant a few times');
select is((select count(*)::int from jobforge.wakeups), 0, 'and takes their wake-ups');

select * from finish();
rollback;
