begin;
select plan(1);

select bag_eq($$
  select c.oid::regclass || ' ' || t.tgname
  from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
  where not t.tgisinternal
    and (c.relnamespace = 'jobforge'::regnamespace or c.relname like 'jobforge\_%')
$$, array['jobforge.wakeups wakeups_at_commit',
  'jobforge.alert_rules replace_row', 'jobforge.audit_chain replace_row',
  'jobforge.maintenance_tasks replace_row', 'jobforge.retention replace_row',
  'jobforge.roll_up_progress replace_row',
  'jobforge.settings replace_row'], 'state is kept by checks, not by triggers');

select * from finish();
rollback;
