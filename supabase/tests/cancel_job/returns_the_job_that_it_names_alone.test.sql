begin;
select plan(4);

select tests.unused_project();
select tests.enqueue_each('one', 'two');
select tests.enqueue('theirs', '{}', 'globex');
select tests.as_member('acme');
select results_eq($$ select tests.name(job_id), status from jobforge_cancel_job(tests.id('one')) $$,
  $$ values ('one', 'canceled') $$, 'canceled');
select results_eq($$ select tests.name(job_id), status from jobforge_retry_job(tests.id('one')) $$,
  $$ values ('one', 'queued') $$, 'retried');
select results_eq($$ select tests.name(job_id), status
    from jobforge_reschedule_job(tests.id('one'), now() + interval '1 hour') $$,
  $$ values ('one', 'scheduled') $$, 'rescheduled');
select tests.as_owner();
select results_eq('select tests.name(id), status from jobforge_jobs order by 1',
  $$ values ('one', 'scheduled'), ('theirs', 'queued'), ('two', 'queued') $$,
  'the others are as they were');

select * from finish();
rollback;
