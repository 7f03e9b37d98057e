begin;
select plan(4);

update jobforge.settings set project_url = null;
select is(tests.finding('project_url'),
  'false: project URL unknown: open …/worker/health once, or run jobforge setup',
  'when there is none');
update jobforge.settings set project_url = 'https://acme.supabase.co';
select is(tests.finding('project_url'), 'true: the database calls https://acme.supabase.co',
  'any, when the caller names none');
select is(tests.finding('project_url', 'https://acme.supabase.co/'),
  'true: the database calls https://acme.supabase.co', 'the one the caller reached it by');
select is(tests.finding('project_url', 'https://clone.supabase.co'),
  'false: the database calls https://acme.supabase.co', 'not that of another project');

select * from finish();
rollback;
