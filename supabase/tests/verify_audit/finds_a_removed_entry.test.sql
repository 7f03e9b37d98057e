begin;
select plan(4);

select tests.sealed_log();

create temp table middle as
  select seq, entry_id from jobforge.audit_seals where seq = 3;
delete from jobforge_audit_log where id = (select entry_id from middle);
select is(jobforge_verify_audit() -> 'problems', (
  select jsonb_build_array(jsonb_build_object(
    'seq', 3, 'entry_id', entry_id, 'problem', 'removed')) from middle), 'the entry alone');
delete from jobforge.audit_seals where seq = 3;
select is(
  jobforge_verify_audit() #>> '{problems,0,problem}', 'an entry before it was removed',
  'with its seal');
select jobforge.audit('last', null, 'target 6', null);
delete from jobforge_audit_log where target = 'target 6';
select is(
  jobforge_verify_audit() #>> '{problems,1,problem}', 'removed', 'or before it was sealed');
delete from jobforge.audit_seals where seq is null or seq > 4;
delete from jobforge_audit_log where target = 'target 5';
select is(
  jobforge_verify_audit() #>> '{problems,1,problem}', 'the newest entries were removed',
  'the newest');

select * from finish();
rollback;
