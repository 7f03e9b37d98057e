begin;
select plan(3);

select tests.freeze();
select tests.quarantine('poison');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.start_run('busy');
select tests.start_run('free');
select tests.enqueue('usual', '{}', 'globex');
select results_eq($$ select tests.claim(1, 'busy') $$, array['usual'], 'one run has work');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": false}');
select is_empty($$ select tests.claim(1, 'busy') $$, 'so it does not get the quarantined job');
select results_eq($$ select tests.claim(1, 'free') $$, array['poison'], 'a run without work does');

select * from finish();
rollback;
