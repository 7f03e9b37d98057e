begin;
select plan(4);

create schema trap;
create table trap.jobforge_jobs (like public.jobforge_jobs);
create table trap.jobforge_queues (like public.jobforge_queues);
create function trap.clock() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$;
create function trap.now() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$;
create function trap.sha256(bytea) returns bytea language sql as $$ select ''::bytea $$;
create function trap.length(text) returns int language sql as $$ select 1 $$;
grant usage on schema trap to public;
grant all on all tables in schema trap to public;
select tests.as_member('acme');
set local search_path = trap, pg_catalog, extensions;
select public.jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => 'key');
select tests.refuses(
  $$ select public.jobforge_enqueue_job(p_type => 'a', p_idempotency_key => repeat('k', 201)) $$,
  'invalid_argument', 'a function of the same name is not called');
select is(
  (select count(*) from trap.jobforge_jobs), 0::bigint, 'a table of the same name is not used');
select is((select count(*) from public.jobforge_jobs), 1::bigint, 'the job is where it belongs');
select cmp_ok(
  (select created_at from public.jobforge_jobs), '>', '2020-01-01'::timestamptz,
  'at the right time');

select * from finish();
rollback;
