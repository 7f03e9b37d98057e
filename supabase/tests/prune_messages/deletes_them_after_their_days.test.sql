begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
select tests.publish('old', 'event-1');
select tests.advance('1 day');
select tests.publish('new');
select tests.advance('29 days');
select is(jobforge.prune_messages(jobforge.clock() - interval '1 second', 100), 0,
  'none before 30 days');
select is(jobforge.prune_messages(jobforge.clock(), 100), 1, 'then the first');
select results_eq('select event_type from tests.deliveries(''orders'')', $$ values ('new') $$,
  'with its delivery');
select isnt(tests.publish('old', 'event-1'), null, 'and its ID may be published again');
select tests.advance('60 days');
select is(jobforge.prune_messages(jobforge.clock(), 1), 1, 'as many as one turn may');

select * from finish();
rollback;
