begin;
select plan(1);

select tests.freeze();
select tests.enqueue('poison', '{"max_attempts": 9}');
select tests.expire_lease('poison');
select tests.expire_lease('poison');
select is(
  jobforge_explain_job(tests.id('poison'), tests.tenant('acme')) ->> 'reason', 'quarantined',
  'its lease expired twice');

select * from finish();
rollback;
