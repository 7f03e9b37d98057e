begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
create function pg_temp.round_of(p_round text)
returns void
language plpgsql
as $$
begin
  perform tests.enqueue(p_round || what, '{"max_attempts": 1}')
  from unnest('{done,failed,dead,canceled}'::text[]) as what;
  perform tests.enqueue(p_round || 'again');
  perform tests.advance('3 seconds');
  perform tests.claim(5);
  perform jobforge_cancel_job(tests.id(p_round || 'canceled'), tests.tenant('acme'));
  perform tests.advance('2 seconds');
  perform tests.report(jsonb_build_array(
    tests.outcome(p_round || 'done', 'succeeded'), tests.outcome(p_round || 'failed', 'failed'),
    tests.outcome(p_round || 'dead', 'errored'), tests.outcome(p_round || 'canceled', 'errored'),
    tests.outcome(p_round || 'again', 'errored')));
  perform jobforge_cancel_job(tests.id(p_round || 'again'), tests.tenant('acme'));
  perform tests.advance('1 hour');
  perform jobforge.roll_up(jobforge.clock());
end
$$;
select pg_temp.round_of('first ');
select pg_temp.round_of('second ');
select row_eq('select succeeded, failed, dead, canceled, retried from jobforge.type_totals',
  row(2::bigint, 2::bigint, 2::bigint, 2::bigint, 2::bigint), 'of two rounds');
select is((select duration_ms from jobforge.type_totals), 20000::bigint, 'ten attempts of 2 s');
select ok((select latency_ms between 30000 and 30001 from jobforge.type_totals),
  'that waited 3 s each');

select * from finish();
rollback;
