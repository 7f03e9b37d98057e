import type { Sql } from "../../../local/postgres/database.ts";

/** Jobs that do not lie in exactly one place, or in one although they have ended. */
export async function misplaced(sql: Sql): Promise<unknown[]> {
  return [
    ...await sql`
    with places as (
      select id, 'ready' as place from jobforge.ready
      union all select id, 'scheduled' from jobforge.scheduled
      union all select id, 'quarantined' from jobforge.quarantined
      union all select id, 'unclaimed' from jobforge.unclaimed
      union all select id, 'newcomers' from jobforge.newcomers
      union all select unnest(ids), 'leases' from jobforge.leases
    )
    select b.id, b.status, array_agg(p.place) as places
    from jobforge.jobs as b full join places as p on p.id = b.id
    group by b.id, b.status
    having b.id is null or count(p.place) <> (b.status is null)::int
    limit 10`,
  ];
}

/** Queues whose counters or free places differ from a count of their jobs. */
export async function miscounted(sql: Sql): Promise<unknown[]> {
  return [
    ...await sql`
    with waiting as (
      select queue_id from jobforge.ready
      union all select queue_id from jobforge.scheduled
      union all select queue_id from jobforge.quarantined
      union all select queue_id from jobforge.unclaimed
    ),
    counted as (
      select q.id, q.tenant_id, q.queue, jobforge.queued(q.id) as queued, settings.max_queued,
        (select count(*) from waiting as w where w.queue_id = q.id) as waiting,
        (select sum(free) from jobforge.queue_slots as s where s.queue_id = q.id and s.epoch = (
          select max(epoch) from jobforge.queue_slots as l where l.queue_id = q.id)) as free
      from jobforge.queues as q
      join public.jobforge_queues as settings using (tenant_id, queue)
    )
    select * from counted
    where queued <> waiting or free <> max_queued - waiting`,
  ];
}
