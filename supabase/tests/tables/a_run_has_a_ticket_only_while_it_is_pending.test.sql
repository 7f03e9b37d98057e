begin;
select plan(3);

select tests.start_run();
select throws_ok(
  $$ update jobforge.runs set ticket_hash = 'x' $$, '23514', null, 'a live run has none');
select throws_ok(
  $$ update jobforge.runs set state = 'pending', lease_expires_at = null $$, '23514', null,
  'a pending run has one');
select throws_ok(
  $$ update jobforge.runs set state = 'finished' $$, '23514', null,
  'and a lease only while it is live');

select * from finish();
rollback;
