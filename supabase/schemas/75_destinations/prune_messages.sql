-- Prune messages and deliveries after the days of jobforge_configure_publishing.

create function jobforge.prune_messages(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_first_kept constant uuid := jobforge.first_id_at(p_now - make_interval(
    days => (select settings.retention_messages_days from jobforge.settings)));
  v_deliveries int;
  v_messages int;
begin
  -- IDs of messages sort by time. Deliveries go first, so that few are without their message.
  delete from jobforge.webhook_deliveries
  where webhook_deliveries.ctid = any (array(
    select expired.ctid from jobforge.webhook_deliveries as expired
    where expired.message_id < v_first_kept
    order by expired.message_id
    limit p_limit
    for update skip locked));
  get diagnostics v_deliveries = row_count;
  delete from jobforge.webhook_messages
  where webhook_messages.ctid = any (array(
    select expired.ctid from jobforge.webhook_messages as expired
    where expired.id < v_first_kept
    order by expired.id
    limit p_limit
    for update skip locked));
  get diagnostics v_messages = row_count;
  return greatest(v_deliveries, v_messages);
end
$$;
comment on function jobforge.prune_messages(timestamptz, int) is
  'Deletes messages and their deliveries that were published before the days of retention.';
