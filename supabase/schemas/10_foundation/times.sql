-- Times inside JSON. Postgres would also read 01/12/2026 and times without an offset, with a
-- meaning that depends on the session.

create function jobforge.time_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?'
    '(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
$$;
comment on function jobforge.time_pattern() is
  'Regular expression for a time with an offset, such as 2026-01-12T09:00:00Z. The function '
  'enqueue takes the same times, which a test compares.';
