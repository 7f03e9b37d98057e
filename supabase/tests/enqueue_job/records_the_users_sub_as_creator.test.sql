begin;
select plan(1);

select tests.as_member('acme');
select jobforge_enqueue_job(p_type => 'test.job');
select is(
  (select created_by from jobforge_jobs), tests.sub('acme')::text,
  'created_by is the sub of the JWT');

select * from finish();
rollback;
