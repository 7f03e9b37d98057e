begin;
select plan(4);

select tests.unused_project();
select tests.enqueue('of acme', '{}', 'acme'), tests.enqueue('of globex', '{}', 'globex');
select tests.start_run();
select tests.claim(2);
select tests.claim(2);
select is((select count(*) from jobforge.queues where runnable), 0::bigint, 'both queues sleep');
delete from jobforge.wakeups;
insert into jobforge.wakeups (queue_id)
select q.id from jobforge.queues as q, generate_series(1, 3000)
where q.tenant_id = tests.tenant('acme');
select tests.enqueue('late', '{}', 'globex');
select ok(
  (select count(*) > 1000 from jobforge.wakeups), 'a wake-up waits behind those of another tenant');
-- The random start is before it in one of two looks.
do $$
declare
  v_looks int := 0;
begin
  while not (select runnable from jobforge.queues where tenant_id = tests.tenant('globex')) loop
    perform jobforge.look_at_woken(jobforge.clock());
    v_looks := v_looks + 1;
    exit when v_looks = 2;
  end loop;
end $$;
select ok((select runnable from jobforge.queues where tenant_id = tests.tenant('globex')),
  'it is looked at nevertheless');
select cmp_ok((select count(*) from jobforge.wakeups), '>', 900::bigint, 'while the others wait');

select * from finish();
rollback;
