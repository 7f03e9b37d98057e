begin;
select plan(2);

select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule('all', '{"type": "fanned.out"}', null);
select jobforge_run_schedule((tests.scheduled('all')).id);
select tests.refuses(
  $$select jobforge_run_schedule((tests.scheduled('all')).id)$$, 'wrong_state', 'not begun yet');
select tests.run_cron();
select lives_ok($$select jobforge_run_schedule((tests.scheduled('all')).id)$$, 'done');

select * from finish();
rollback;
