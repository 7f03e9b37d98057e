begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
create temp table made as select tests.endpoint() as id;
select tests.receive(id, 'old') from made;
select tests.advance('1 day');
select tests.receive(id, 'recent') from made;
select tests.advance('6 days 1 second');
select tests.maintain();
select results_eq('select replay_key from jobforge_received_webhooks', array['recent'],
  'and no others');
select is((select count(*) from jobforge_jobs), 2::bigint, 'the jobs are another matter');

select * from finish();
rollback;
