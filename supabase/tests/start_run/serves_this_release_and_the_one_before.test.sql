begin;
select plan(7);

-- As if two releases had followed the first.
create or replace function jobforge.schema_version() returns text
language sql stable as $$ select '0.10.2' $$;
create or replace function jobforge.oldest_worker() returns text
language sql stable as $$ select '0.9.1' $$;

select isnt((select run_id from jobforge_start_run(p_version => '0.10.7')), null,
  'a worker of this release with a later patch');
select isnt((select run_id from jobforge_start_run(p_version => '0.9.0')), null,
  'a worker of the release before');
select is((select worker_version from jobforge.runs order by id desc limit 1), '0.9.0',
  'its version is kept with the run');
select tests.refuses($$ select jobforge_start_run(p_version => '0.11.0') $$, 'version_mismatch',
  'no newer one', '^worker 0.11.0 is newer than schema 0.10.2: push the migration of');
select tests.refuses($$ select jobforge_start_run(p_version => '0.8.9') $$, 'version_mismatch',
  'no older one', '^worker 0.8.9 is too old for schema 0.10.2: deploy the functions of');
select tests.refuses($$ select jobforge_start_run(p_version => '1.0.0') $$, 'version_mismatch',
  'none of a later major version');
select tests.refuses($$ select jobforge_start_run(p_version => '0.10') $$, 'invalid_argument',
  'nothing that is no version');

select * from finish();
rollback;
