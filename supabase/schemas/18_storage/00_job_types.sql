-- Job types, as workers declare them: defaults for enqueue, backoff for retries, and the kind of
-- worker that runs them.

create domain jobforge.worker_kind as text constraint kind_is_known check (
  value in ('edge', 'container'));
comment on domain jobforge.worker_kind is
  'What runs jobs: an Edge Function, which the dispatcher calls, or a container, which polls.';

create table jobforge.job_types (
  type text primary key,
  max_attempts int not null,
  timeout_ms int not null,
  backoff_base_ms int not null,
  backoff_cap_ms int not null,
  runs_on jobforge.worker_kind
);
comment on table jobforge.job_types is
  'A job type as workers declared it. Jobs of an undeclared type get the defaults.';
comment on column jobforge.job_types.runs_on is
  'The only kind of worker that runs the type, among runs that declare types. Null means any. A '
  'run that declares none takes every type.';

create function jobforge.declare_types(p_types jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if not jobforge.jsonb_fits(p_types, 1048576) then
    perform jobforge.fail('invalid_argument', 'p_types must have at most 1048576 bytes');
  end if;
  insert into jobforge.job_types as t
    (type, max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms, runs_on)
  select declared.type, least(greatest(coalesce(declared.max_attempts, 5), 1), 1000),
    least(greatest(coalesce(declared.timeout_ms, 60000), 100), 86400000),
    least(greatest(coalesce(declared.backoff_base_ms, 2000), 0), 86400000),
    least(greatest(coalesce(declared.backoff_cap_ms, 3600000), 0), 86400000), declared.runs_on
  from jsonb_to_recordset(p_types) as declared (type text, max_attempts int, timeout_ms int,
    backoff_base_ms int, backoff_cap_ms int, runs_on jobforge.worker_kind)
  where declared.type is not null
  order by declared.type
  on conflict (type) do update set max_attempts = excluded.max_attempts,
    timeout_ms = excluded.timeout_ms, backoff_base_ms = excluded.backoff_base_ms,
    backoff_cap_ms = excluded.backoff_cap_ms, runs_on = excluded.runs_on
  where (t.max_attempts, t.timeout_ms, t.backoff_base_ms, t.backoff_cap_ms, t.runs_on)
    is distinct from (excluded.max_attempts, excluded.timeout_ms, excluded.backoff_base_ms,
      excluded.backoff_cap_ms, excluded.runs_on);
exception
  when lock_not_available then
    perform jobforge.fail('busy', 'another transaction is declaring these job types: try again');
  when data_exception or cardinality_violation or check_violation then
    perform jobforge.fail('invalid_argument', format('p_types: %s', sqlerrm));
end
$$;
comment on function jobforge.declare_types(jsonb) is
  'Stores what a worker declares about its types: defaults for enqueue, backoff for retries.';
