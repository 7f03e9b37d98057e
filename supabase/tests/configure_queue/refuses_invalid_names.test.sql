begin;
select plan(11);

select tests.refuses(
  format('select jobforge_configure_queue(tests.tenant(%L), %L)', 'acme', queue),
  'invalid_argument', coalesce(queue, 'null'))
from unnest(array[null, '', 'Mail', '1mail', 'a mail', 'mail;', E'mail\n', repeat('m', 64)])
  as queue;
select lives_ok(
  format('select jobforge_configure_queue(tests.tenant(%L), %L)', 'acme', queue), queue)
from unnest(array['m', 'a.b_c-9', repeat('m', 63)]) as queue;

select * from finish();
rollback;
