begin;
select plan(4);

select tests.refuses(
  format('select jobforge_fill_calendar(%L)', filled), 'invalid_argument', filled)
from unnest(array['{}', '[1]', '[{"id": "x"}]',
  '[{"id": "00000000-0000-0000-0000-000000000000", "version": 1, "times": ["soon"]}]']) as filled;

select * from finish();
rollback;
