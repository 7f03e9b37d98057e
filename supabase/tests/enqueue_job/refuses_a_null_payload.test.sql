begin;
select plan(1);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_payload => null) $$,
  'invalid_argument', 'SQL null is no JSON');

select * from finish();
rollback;
