begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('globex'), 'mail');
select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_queue => 'mail') $$,
  'not_found', 'the queue of another tenant is unknown');

select * from finish();
rollback;
