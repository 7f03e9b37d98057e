import { useState } from "preact/hooks";
import { useDashboard, useLive, useRoute } from "../context.ts";
import { count, duration, jobs } from "../format.ts";
import { address } from "../route.ts";
import { Asking, Field } from "../parts/actions.tsx";
import { type Column, Id, Link, Table } from "../parts/basics.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import type { Queue } from "../rows.ts";

const PAGE = 100;
const LIVE_MS = 4_000;

/** Queues with their limits and counters, which operators can change. */
export function QueuesPage() {
  const { api } = useDashboard();
  const { query } = useRoute();
  const tenant = query.get("tenant") ?? "";
  const after = Number(query.get("after") ?? 0);
  const args = { ...(tenant ? { p_tenant_id: tenant } : {}), p_after_id: after, p_limit: PAGE };
  const queues = useLive(
    `queues ${tenant} ${after}`,
    () => api.call<Queue[]>("jobforge_list_queues", args),
    LIVE_MS,
  );
  return (
    <main>
      <h1>Queues</h1>
      {api.operator && <TenantFilter key={tenant} page="/queues" tenant={tenant} />}
      <Loaded of={queues} rows={8}>
        {(rows) => (
          <>
            {rows.length === 0 && <Empty>No queues yet. The first job creates one.</Empty>}
            {rows.length > 0 && (
              <Table
                caption="Queues"
                rows={rows}
                keyOf={(queue) => queue.id}
                columns={columns(api.operator, rows, queues.refresh)}
              />
            )}
            <nav class="pages" aria-label="More">
              {after > 0 && <Link to={address("/queues", { tenant })}>First</Link>}
              {rows.length === PAGE && (
                <Link to={address("/queues", { tenant, after: String(rows.at(-1)!.id) })}>
                  Next
                </Link>
              )}
            </nav>
          </>
        )}
      </Loaded>
    </main>
  );
}

/** A filter by tenant. */
export function TenantFilter({ page, tenant }: { page: string; tenant: string }) {
  const { router } = useDashboard();
  const apply = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    router.go(address(page, { tenant: String(form.get("tenant") ?? "").trim() }));
  };
  return (
    <form class="find" onSubmit={apply} aria-label="Filter">
      <Field label="Tenant ID" name="tenant" value={tenant} />
      <button type="submit">Filter</button>
    </form>
  );
}

/** A tenant's ID that filters a page by it. */
function TenantLink({ id, page }: { id: string; page: string }) {
  return (
    <Link to={address(page, { tenant: id })}>
      <Id of={id} />
    </Link>
  );
}

function columns(
  operator: boolean,
  rows: Queue[],
  changed: () => Promise<void>,
): Column<Queue>[] {
  const busy = rows.filter((queue) => !queue.paused && (queue.queued > 0 || queue.running > 0));
  const weights = busy.reduce((sum, queue) => sum + queue.weight, 0);
  return [
    { title: "Queue", cell: (queue) => <Link to={jobsOf(queue)}>{queue.queue}</Link> },
    ...(operator
      ? [{
        title: "Tenant",
        cell: (queue: Queue) => <TenantLink id={queue.tenant_id} page="/queues" />,
      }]
      : []),
    { title: "Queued", cell: (queue) => count(queue.queued), number: true },
    { title: "Running", cell: (queue) => runningOf(queue), number: true },
    {
      title: "Share",
      cell: (queue) => busy.includes(queue) ? `${Math.round(100 * queue.weight / weights)} %` : "–",
      number: true,
    },
    { title: "Limits", cell: (queue) => limitsOf(queue) },
    {
      title: "State",
      cell: (queue) => (
        <span class={`status ${queue.paused ? "paused" : ""}`}>
          {queue.paused ? "paused" : "open"}
        </span>
      ),
    },
    ...(operator
      ? [{
        title: "Change",
        cell: (queue: Queue) => <QueueActions queue={queue} changed={changed} />,
      }]
      : []),
  ];
}

function jobsOf(queue: Queue): string {
  return address("/jobs", { tenant: queue.tenant_id, queue: queue.queue });
}

function runningOf(queue: Queue): string {
  const running = count(queue.running);
  return queue.max_running === null ? running : `${running}/${count(queue.max_running)}`;
}

function limitsOf(queue: Queue): string {
  const limits = [
    queue.weight !== 1 && `weight ${queue.weight}`,
    queue.max_queued !== null && `${count(queue.max_queued)} queued`,
    queue.rate_limit !== null &&
    `${count(queue.rate_limit)} per ${duration(queue.rate_period_ms / 1000)}`,
  ].filter(Boolean);
  return limits.length > 0 ? limits.join(", ") : "–";
}

function QueueActions({ queue, changed }: { queue: Queue; changed: () => Promise<void> }) {
  const { api } = useDashboard();
  const configure = async (settings: Record<string, unknown>) => {
    await api.call("jobforge_configure_queue", {
      p_tenant_id: queue.tenant_id,
      p_queue: queue.queue,
      p_settings: settings,
    });
    await changed();
  };
  return (
    <div class="buttons">
      {queue.paused
        ? (
          <Asking
            label="Resume"
            title={`Resume ${queue.queue}?`}
            confirm="Resume queue"
            run={() => configure({ paused: false })}
          >
            <p>{jobs(queue.queued)} can start, within the queue's limits.</p>
          </Asking>
        )
        : (
          <Asking
            label="Pause"
            title={`Pause ${queue.queue}?`}
            confirm="Pause queue"
            danger
            run={() => configure({ paused: true })}
          >
            <p>{jobs(queue.queued)} and all new jobs wait until you resume the queue.</p>
            <p>Jobs that run continue: {count(queue.running)}.</p>
          </Asking>
        )}
      <Limits queue={queue} save={configure} />
    </div>
  );
}

const SETTINGS = [
  ["weight", "Weight (share of the workers)"],
  ["max_running", "Max running jobs (empty: no limit)"],
  ["max_queued", "Max queued jobs (empty: no limit)"],
  ["rate_limit", "Starts per period (empty: no limit)"],
  ["rate_period_ms", "Period in milliseconds"],
  ["rate_burst", "Starts at once"],
] as const;

function Limits({ queue, save }: {
  queue: Queue;
  save: (settings: Record<string, unknown>) => Promise<void>;
}) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const changes = () => {
    const given = Object.entries(texts).map(([name, text]) => [
      name,
      text.trim() === "" ? null : Number(text),
    ]);
    return Object.fromEntries(given);
  };
  return (
    <Asking
      label="Limits"
      title={`Limits of ${queue.queue}`}
      confirm="Change limits"
      run={async () => {
        await save(changes());
        setTexts({});
      }}
    >
      <p>The queue has {jobs(queue.queued)} queued.</p>
      {SETTINGS.map(([name, label]) => (
        <Field
          key={name}
          label={label}
          name={name}
          type="number"
          value={texts[name] ?? String(queue[name] ?? "")}
          onInput={(text) => setTexts({ ...texts, [name]: text })}
        />
      ))}
    </Asking>
  );
}
