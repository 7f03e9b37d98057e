begin;
select plan(6);

update jobforge.settings set project_url = null;
select cron.unschedule(jobname) from cron.job where starts_with(jobname, 'jobforge-');
select tests.as_service();
select is(jobforge_announce_url('https://branch.supabase.co/'), true, 'it was stored');
reset role;
select is((select project_url from jobforge.settings), 'https://branch.supabase.co', 'as it is');
select is((select count(*)::int from cron.job where jobname like 'jobforge-%'), 2,
  'the dispatcher and the maintenance are scheduled');
select tests.as_service();
select is(jobforge_announce_url('https://clone.supabase.co'), false, 'another one is not');
reset role;
select is((select project_url from jobforge.settings), 'https://branch.supabase.co',
  'the stored one stays, for example an address of the team');
select is((select count(*)::int from jobforge_audit_log where action = 'setup' and at >= now()), 1,
  'the change is audited');

select * from finish();
rollback;
