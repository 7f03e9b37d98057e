begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue('old', '{"idempotency_key": "a"}');
select tests.enqueue('theirs', '{"idempotency_key": "a"}', 'globex');
select tests.enqueue('expiring', '{"idempotency_key": "c", "idempotency_ttl_seconds": 31536000}');
select tests.claim(3);
select tests.settle_all('succeeded');
create temp table ended as select jobforge.clock() as at;
select tests.advance('2 days');
select tests.enqueue('young', '{"idempotency_key": "b"}');
select tests.claim(3);
select tests.settle_all('succeeded');
select is(jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}') ->> 'deleted', '2',
  'two are old');
select results_eq($$
  select tests.name(job_id), expires_at - (select at from ended) from jobforge.idempotency_keys
  order by 1
$$, $$ values ('expiring', interval '365 days'),
  ('old', interval '30 days'), ('theirs', null), ('young', null) $$,
  'the key of one that has none ends 30 days after its job, and no other');

select * from finish();
rollback;
