begin;
select plan(1);

select tests.freeze();
select tests.schedule('nightly');
select tests.schedule('weekly');
select jobforge_run_schedule((tests.scheduled('nightly')).id);
select is(
  array[(tests.scheduled('nightly')).started, (tests.scheduled('weekly')).started],
  '{1,0}'::bigint[], 'one started');

select * from finish();
rollback;
