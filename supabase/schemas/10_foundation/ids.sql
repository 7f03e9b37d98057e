-- Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time of their creation.

create function jobforge.id_prefix(p_at timestamptz)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_us constant bigint := extract(epoch from p_at) * 1000000;
begin
  return lpad(to_hex(v_us / 1000), 12, '0') || '7'
    || lpad(to_hex(v_us % 1000 * 4096 / 1000), 3, '0');
end
$$;
comment on function jobforge.id_prefix(timestamptz) is
  'The first half of a UUID version 7 (RFC 9562): milliseconds, then 12 bits of their fraction. '
  'Callers append the variant, 14 bits of ordinal that keep a batch in order, and 48 random bits.';

create function jobforge.first_id_at(p_at timestamptz)
returns uuid
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select (lpad(to_hex(greatest(floor(extract(epoch from p_at) * 1000), 0)::bigint), 12, '0')
    || '70008000000000000000')::uuid
$$;
comment on function jobforge.first_id_at(timestamptz) is
  'The smallest id that can be made at this time or later.';
