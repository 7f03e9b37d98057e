begin;
select plan(4);

insert into jobforge.settings (id, max_runs) values (true, 9);
select results_eq('select max_runs from jobforge.settings', array[9], 'the settings are replaced');
insert into jobforge.alert_rules (rule, severity, threshold) values ('runs_lost', 'info', 5);
select results_eq($$ select severity from jobforge.alert_rules where rule = 'runs_lost' $$,
  array['info'], 'a rule is replaced');
select is((select count(*) from jobforge.alert_rules), 11::bigint, 'and no other');
select is_empty($$
  select oid::regclass from pg_class
  where oid = any ('{jobforge.settings,jobforge.audit_chain,jobforge.retention,
      jobforge.roll_up_progress,jobforge.alert_rules}'::regclass[])
    and not exists (select from pg_trigger
      where tgrelid = pg_class.oid and tgname = 'replace_row' and tgenabled = 'A')
$$, 'also when a restore switches triggers off');

select * from finish();
rollback;
