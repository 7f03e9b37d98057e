-- Rows of an installation, which a restore of data brings again: settings, cursors, rules.
--
-- pg_dump --data-only writes them as any other row. In a migrated database the key is taken, so
-- the restored row replaces the one that the migration inserted.

create function jobforge.replace_row()
returns trigger
language plpgsql
security definer -- deletes the row that the inserted one replaces
set search_path = pg_catalog, pg_temp
as $$
declare
  v_same_key constant text := (
    select string_agg(format('%1$I = ($1).%1$I', pg_attribute.attname), ' and ')
    from pg_index
    join pg_attribute on pg_attribute.attrelid = pg_index.indrelid
      and pg_attribute.attnum = any (pg_index.indkey)
    where pg_index.indrelid = tg_relid and pg_index.indisprimary);
begin
  execute format('delete from %s where %s', tg_relid::regclass, v_same_key) using new;
  return new;
end
$$;
comment on function jobforge.replace_row() is
  'Database: deletes the row with the same key as a row that is inserted.';

do $triggers$
declare
  v_table regclass;
  v_used boolean;
begin
  for v_table in
    select pg_class.oid from pg_class
    where pg_class.relkind = 'r' and pg_class.relnamespace = 'jobforge'::regnamespace
  loop
    execute format('select exists (select from %s)', v_table) into v_used;
    if v_used then
      execute format('create trigger replace_row before insert on %s '
        'for each row execute function jobforge.replace_row()', v_table);
      -- Also for a restore that switches triggers off by session_replication_role.
      execute format('alter table %s enable always trigger replace_row', v_table);
      execute format('comment on trigger replace_row on %s is %L', v_table,
        'A restored row replaces the one that the migration inserted.');
    end if;
  end loop;
end
$triggers$;
