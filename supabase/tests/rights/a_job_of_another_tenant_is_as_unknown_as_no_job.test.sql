begin;
select plan(12);

select tests.bring('theirs', 'failed', 'globex');
select tests.bring('theirs queued', 'queued', 'globex');

create function pg_temp.refusal(p_call text, p_id uuid)
returns text
language plpgsql
as $$
declare
  v_detail text;
begin
  execute format(p_call, p_id);
  return 'done';
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return concat_ws(' ', sqlstate, v_detail, sqlerrm);
end
$$;
select tests.as_member('acme');
select is(
  pg_temp.refusal(call, tests.id(job)), pg_temp.refusal(call, gen_random_uuid()),
  format('%s: one cannot tell whether there is such a job', call))
from (values
  ('select jobforge_cancel_job(%L)', 'theirs'),
  ('select jobforge_cancel_job(%L)', 'theirs queued'),
  ('select jobforge_retry_job(%L)', 'theirs'),
  ('select jobforge_reschedule_job(%L, now())', 'theirs queued'),
  ('select jobforge_explain_job(%L)', 'theirs')) as c (call, job);
select matches(
  pg_temp.refusal('select jobforge_cancel_job(%L)', tests.id('theirs queued')),
  '^PT404 not_found ', 'both are not found');
select is(
  pg_temp.refusal(call, tests.id('theirs')), pg_temp.refusal(call, gen_random_uuid()),
  format('%s: nor by naming one''s own tenant', call))
from (values
  ('select jobforge_cancel_job(%L, tests.tenant(''acme''))'),
  ('select jobforge_retry_job(%L, tests.tenant(''acme''))'),
  ('select jobforge_reschedule_job(%L, now(), tests.tenant(''acme''))'),
  ('select jobforge_explain_job(%L, tests.tenant(''acme''))')) as c (call);
select is(tests.status('theirs'), 'failed', 'their failed job is as it was');
select is(tests.status('theirs queued'), 'queued', 'and so is the queued one');

select * from finish();
rollback;
