-- The filter of a list or of a bulk change, parsed and checked.

create type jobforge.job_filter as (
  status text[],
  type text[],
  queue text[],
  error_code text[],
  created_after timestamptz,
  created_before timestamptz
);
comment on type jobforge.job_filter is 'The jobs of a call. A null member means any.';

create function jobforge.job_filter(p_filter jsonb, p_statuses text[], p_default text[])
returns jobforge.job_filter
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_filter jobforge.job_filter;
begin
  -- Its members become text.
  if jobforge.jsonb_fits(p_filter, 65536) is false then
    perform jobforge.fail('invalid_argument', 'p_filter must have at most 65536 bytes');
  end if;
  if jsonb_typeof(p_filter) is distinct from 'object' or p_filter
    - '{status,type,queue,error_code,created_after,created_before}'::text[] <> '{}'
  then
    perform jobforge.fail('invalid_argument', 'p_filter must be an object with status, type, '
      'queue, error_code (a text or a list of texts each), created_after or created_before');
  end if;
  begin
    v_filter := (
      select jsonb_populate_record(null::jobforge.job_filter, jsonb_object_agg(member.key, case
        when member.key in ('status', 'type', 'queue', 'error_code')
          and jsonb_typeof(member.value) = 'string'
          then jsonb_build_array(member.value)
        else member.value end))
      from jsonb_each(p_filter) as member);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filter: %s', sqlerrm));
  end;
  if p_filter ->> 'created_after' !~ jobforge.time_pattern()
    or p_filter ->> 'created_before' !~ jobforge.time_pattern()
  then
    perform jobforge.fail('invalid_argument', 'p_filter: times must have seconds and an offset, '
      'such as 2026-01-12T09:00:00Z');
  elsif v_filter.created_after not between '1970-01-01' and '9999-01-01'
    or v_filter.created_before not between '1970-01-01' and '9999-01-01'
  then
    perform jobforge.fail('invalid_argument', 'p_filter: times must be from 1970 to 9999');
  end if;
  v_filter.status := coalesce(v_filter.status, p_default);
  if not v_filter.status <@ p_statuses or cardinality(v_filter.status) = 0 then
    perform jobforge.fail('invalid_argument',
      format('p_filter: status must be of %s', array_to_string(p_statuses, ', ')));
  end if;
  return v_filter;
end
$$;
comment on function jobforge.job_filter(jsonb, text[], text[]) is
  'Returns the filter of a caller, checked. Raises an error for unknown members and statuses.';
