begin;
select plan(11);

select tests.refuses(format('select jobforge_configure_alert(%s)', arguments), 'invalid_argument')
from unnest(array[
  $$'jobs_failing', '{"loudness": 1}'$$, $$'jobs_failing', '[]'$$, $$'jobs_failing', null$$,
  $$'jobs_failing', '{"threshold": 0}'$$, $$'jobs_failing', '{"threshold": "many"}'$$,
  $$'jobs_failing', '{"clear_below": 1}'$$, $$'jobs_failing', '{"severity": "loud"}'$$,
  $$'jobs_failing', '{"enabled": null}'$$, $$'delivery', '{"tenant_id": "acme"}'$$]) as arguments;
select tests.refuses($$select jobforge_configure_alert('weather', '{}')$$, 'not_found');
select tests.refuses(format($$select jobforge_configure_alert('delivery', '{"tenant_id": %s}')$$,
  to_jsonb(tests.tenant('acme'))), 'not_found');

select * from finish();
rollback;
