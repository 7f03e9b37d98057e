-- The clock.
--
-- Functions on the hot path are in plpgsql even where SQL would do. It keeps their plans for the
-- session, while Postgres plans an SQL function again in every transaction that calls it. Some of
-- them return a value only for an IF, because PERFORM runs a statement at several times the cost
-- of an expression.

create function jobforge.clock()
returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return clock_timestamp();
end
$$;
comment on function jobforge.clock() is
  'The only clock. A function reads it once. Tests replace it inside their own transaction.';

create function jobforge.is_open_before(p_horizon xid8, p_snapshot pg_snapshot)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select p_horizon is null or exists (
      select from pg_snapshot_xip(p_snapshot) as open (number) where open.number < p_horizon));
end
$$;
comment on function jobforge.is_open_before(xid8, pg_snapshot) is
  'Whether a transaction from before a horizon is still open, also one of another database. True '
  'without a horizon.';
