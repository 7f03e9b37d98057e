begin;
select plan(1);

select tests.refuses(
  $$ select jobforge_start_run(
    p_types => '[{"type": "a"}, {"type": "a", "max_attempts": 2}]') $$,
  'invalid_argument', 'it is not clear which declaration counts');

select * from finish();
rollback;
