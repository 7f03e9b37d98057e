begin;
select plan(12);

select tests.as_member('acme');
select tests.refuses('select jobforge_enqueue_job()', 'invalid_argument', 'a missing type');
select tests.refuses(
  format('select jobforge_enqueue_job(p_type => %L)', v.type), 'invalid_argument', v.what)
from (values
  (null, 'null'),
  ('', 'an empty type'),
  ('1job', 'a type that starts with a digit'),
  ('.job', 'a type that starts with a dot'),
  ('a job', 'a type with a space'),
  ('job;', 'a type with a semicolon'),
  (E'job\n', 'a type that ends in a newline'),
  ('jöb', 'a type with a letter beyond ASCII'),
  (repeat('j', 129), 'a type of 129 characters')) as v (type, what);
select lives_ok(
  format('select jobforge_enqueue_job(p_type => %L)', repeat('j', 128)), '128 characters are fine');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'a.B_9:c-d') $$,
  'so are digits and _ . : - after a letter');

select * from finish();
rollback;
