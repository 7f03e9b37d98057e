begin;
select plan(4);

select tests.furnish('acme');
select cron.schedule('report', '0 0 * * *', 'select 1');
select net.http_post('https://app.example.com/alert', jsonb_build_object(
  'tenant', tests.tenant('acme')));
select net.http_post(
  (select project_url || '/functions/v1/invoices' from jobforge.settings),
  jsonb_build_object('tenant', tests.tenant('acme')));
insert into net._http_response (id, content) values (-1, tests.tenant('acme')::text);
insert into cron.job_run_details (runid, jobid, command, return_message)
select -1, jobid, 'select', tests.tenant('acme')::text from cron.job where jobname = 'report';

select is(tests.erase('acme') ->> 'state', 'finished', 'the tenant is erased');
select is(
  (select count(*) from net.http_request_queue
    where convert_from(body, 'UTF8') like '%' || tests.tenant('acme') || '%'),
  2::bigint, 'requests of the application are still sent');
select is(
  (select count(*) from net._http_response where content = tests.tenant('acme')::text),
  1::bigint, 'its responses stay');
select is(
  (select count(*) from cron.job_run_details
    where return_message = tests.tenant('acme')::text),
  1::bigint, 'and so does the history of its cron jobs');

select * from finish();
rollback;
