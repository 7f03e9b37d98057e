-- The bound of a caller's JSON, checked before anything turns the JSON into text.
--
-- A number of eight bytes can have 131,072 digits or 16,383 decimal places, even if it is zero. So
-- 100 kB of jsonb can become gigabytes of text. A number that is neither large nor close to zero is
-- as long as its caller wrote it.

create function jobforge.jsonb_fits(p_value jsonb, p_max_bytes int)
returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- #> returns the value uncompressed. An entry takes at most four times the bytes of its text.
  v_bytes constant int := pg_column_size(p_value #> '{}');
  v_numbers jsonb;
begin
  if v_bytes / 4 > p_max_bytes + 16 or jsonb_path_exists(p_value, '$.**{32 to last}') then
    return false;
  end if;
  -- 1,024 bytes are at most 12 MB of text, which are written sooner than numbers are looked for.
  -- So are the elements of a list, as far as they are that small, until they pass the bound.
  if v_bytes > 1024 and jsonb_typeof(p_value) = 'array' and not exists (
    select from (
      select sum(case when pg_column_size(element) <= 1024 then octet_length(element::text) + 2
        else p_max_bytes + 1 end) over (rows unbounded preceding) as bytes
      from jsonb_array_elements(p_value) as element
    ) as written
    where written.bytes > p_max_bytes)
  then
    return true;
  end if;
  if v_bytes > 1024 then
    v_numbers := jsonb_path_query_array(
      p_value, 'strict $.** ? (@.abs() >= 1e64 || @.abs() < 1e-64)');
    if v_numbers <> '[]' and exists (
      select from (
        select sum(octet_length(number #>> '{}')) over (rows unbounded preceding) as bytes
        from jsonb_array_elements(v_numbers) as number
      ) as written
      where written.bytes > p_max_bytes)
    then
      return false;
    end if;
  end if;
  return octet_length(p_value::text) <= p_max_bytes;
end
$$;
comment on function jobforge.jsonb_fits(jsonb, int) is
  'Whether a value has at most p_max_bytes bytes of text and is nested less than 32 deep. It '
  'never writes much more text than that. Returns null for null.';
