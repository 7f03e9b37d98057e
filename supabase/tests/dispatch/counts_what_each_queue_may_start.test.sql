begin;
select plan(6);

-- Each queue by its own settings, among those of the same tenant and of the same name.
select tests.unused_project();
select tests.freeze();
select tests.setup(9);
select jobforge_configure_queue(tests.tenant(tenant), queue, settings::jsonb)
from (values ('acme', 'default', '{}'), ('globex', 'mail', '{"max_running": 2}'),
  ('acme', 'mail', '{"max_running": 4}'), ('globex', 'default', '{"max_running": 1}'))
  as c (tenant, queue, settings);
select tests.fill(tenant, 1, jsonb_build_object('queue', queue))
from unnest('{acme,globex}'::text[]) as tenant, unnest('{default,mail}'::text[]) as queue;
select tests.fill('acme', 2);
select tests.quarantine_ready();
select tests.fill(tenant, 5, jsonb_build_object('queue', queue))
from unnest('{acme,globex}'::text[]) as tenant, unnest('{default,mail}'::text[]) as queue;
update jobforge.queues set runnable = true;
select is(jobforge.startable_jobs(jobforge.clock()), 5 + 2 + 4 + 1 + 6,
  'ready jobs up to the caps, and six that are quarantined');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
update jobforge.queues set runnable = true;
select is(jobforge.startable_jobs(jobforge.clock()), 2 + 4 + 1 + 3, 'none of a paused queue');
select jobforge_configure_queue(tests.tenant('globex'), 'mail', '{"max_running": 0}');
update jobforge.queues set runnable = true;
select is(jobforge.startable_jobs(jobforge.clock()), 4 + 1 + 2, 'nor of one at its cap');

-- The free slots of an edge worker are those that a call would add to.
select tests.start_run('edge', 100, '[{"type": "test.job"}]');
select tests.start_run('container', 2, '[{"type": "test.job"}]', 'container');
select is(jobforge.ready_for_edge(jobforge.clock()), 7 - 2, 'a container takes two of them');
select tests.advance('4 seconds');
select is(jobforge.ready_for_edge(jobforge.clock()), 7, 'and none once it is silent');
select tests.start_run('beside', 2, '[{"type": "other.job"}]', 'container');
select is(jobforge.ready_for_edge(jobforge.clock()), 7, 'nor one for other types');

select * from finish();
rollback;
