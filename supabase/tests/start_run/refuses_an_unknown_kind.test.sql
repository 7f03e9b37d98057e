begin;
select plan(3);

select throws_ok($$ select jobforge_start_run(p_kind => 'moon') $$,
  'PT400', 'p_kind must be edge or container');
select throws_ok($$ select jobforge_start_run(p_kind => null) $$,
  'PT400', 'p_kind must be edge or container');
select throws_like($$ select jobforge_start_run(p_types => '[{"type": "a", "runs_on": "moon"}]') $$,
  'p_types: %kind_is_known%', 'and so must runs_on');

select * from finish();
rollback;
