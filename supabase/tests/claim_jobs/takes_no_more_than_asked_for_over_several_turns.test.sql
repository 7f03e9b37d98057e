begin;
select plan(3);

-- Shares are rounded up, and a queue that was short makes room for others.
select tests.unused_project();
select tests.freeze();
select tests.fill(tenant, count) from (values ('acme', 1), ('globex', 5), ('initech', 5),
  ('hooli', 5)) as filled (tenant, count);
select jobforge.promote(jobforge.clock());
update jobforge.queues set vtime = case when tenant_id = tests.tenant('acme') then 0 else 10 end;
select tests.start_run();
select is((select sum(jobs)::int from tests.claim_shares(3)), 3, 'three of four queues');
select is((tests.run()).held, 3, 'as many as the run holds');
select is((select sum(jobs)::int from tests.claim_shares(2)), 2, 'and two of three');

select * from finish();
rollback;
