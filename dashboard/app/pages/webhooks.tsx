import { useDashboard, useLive, useRoute } from "../context.ts";
import { address } from "../route.ts";
import { Foreign, Id, JobLink, Link, Table, Time } from "../parts/basics.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Tree } from "../parts/tree.tsx";
import type { Endpoint, Receipt } from "../rows.ts";
import { TenantFilter } from "./queues.tsx";

const LIVE_MS = 5_000;
const PAGE = 50;

/** Where jobs may go and where events come in, and the events that came. */
export function WebhooksPage() {
  const { api } = useDashboard();
  const { query } = useRoute();
  const tenant = query.get("tenant") ?? "";
  const chosen = query.get("endpoint") ?? "";
  const endpoints = useLive(
    `endpoints ${tenant}`,
    () => api.read<Endpoint>("endpoints", tenant ? { tenant } : {}),
    LIVE_MS,
  );
  return (
    <main>
      <h1>Webhooks and hosts</h1>
      {api.operator && <TenantFilter key={tenant} page="/webhooks" tenant={tenant} />}
      <Loaded of={endpoints} rows={5}>
        {(rows) => {
          const endpoint = rows.find(({ id }) => id === chosen);
          return (
            <>
              {rows.length === 0
                ? <Empty>Nothing is configured: no job may call out, no webhook comes in.</Empty>
                : <Endpoints rows={rows} tenant={tenant} />}
              {endpoint && (
                <Receipts
                  key={endpoint.id}
                  endpoint={endpoint}
                  before={query.get("before") ?? ""}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </main>
  );
}

function Endpoints({ rows, tenant }: { rows: Endpoint[]; tenant: string }) {
  return (
    <Table
      caption="Endpoints and hosts"
      rows={rows}
      keyOf={(endpoint) => endpoint.id}
      columns={[
        { title: "Connector", cell: (endpoint) => endpoint.connector },
        { title: "Name", cell: (endpoint) => endpoint.name },
        { title: "Tenant", cell: (endpoint) => <Id of={endpoint.tenant_id} /> },
        {
          title: "State",
          cell: (endpoint) =>
            endpoint.enabled
              ? <span class="status succeeded">enabled</span>
              : (
                <span class="status off">
                  disabled: <Foreign text={endpoint.disabled_reason ?? ""} />
                </span>
              ),
        },
        {
          title: "Configuration",
          cell: (endpoint) => (
            <div class="value">
              <Tree value={endpoint.config} depth={2} />
            </div>
          ),
        },
        { title: "Changed", cell: (endpoint) => <Time at={endpoint.updated_at} /> },
        {
          title: "Events",
          cell: (endpoint) =>
            endpoint.connector === "webhook-verify"
              ? (
                <Link to={address("/webhooks", { tenant, endpoint: endpoint.id })}>
                  Receipts<span class="hidden">of {endpoint.name}</span>
                </Link>
              )
              : <span class="quiet">–</span>,
        },
      ]}
    />
  );
}

function Receipts({ endpoint, before }: { endpoint: Endpoint; before: string }) {
  const { api } = useDashboard();
  const receipts = useLive(
    `receipts ${endpoint.id} ${before}`,
    () =>
      api.read<Receipt>("receipts", {
        tenant: endpoint.tenant_id,
        endpoint: endpoint.id,
        ...(before ? { before } : {}),
      }),
    before ? 0 : LIVE_MS,
  );
  return (
    <section>
      <h2>Events at {endpoint.name}</h2>
      <Loaded of={receipts} rows={4}>
        {(rows) =>
          rows.length === 0 ? <Empty>No events within the last week.</Empty> : (
            <>
              <Table
                caption="Events that verified, newest first"
                rows={rows}
                keyOf={(receipt) => receipt.replay_key}
                columns={[
                  { title: "Received", cell: (receipt) => <Time at={receipt.received_at} /> },
                  { title: "Event", cell: (receipt) => <Foreign text={receipt.replay_key} /> },
                  {
                    title: "Job",
                    cell: (receipt) => <JobLink tenant={receipt.tenant_id} id={receipt.job_id} />,
                  },
                ]}
              />
              {rows.length === PAGE && (
                <nav class="pages" aria-label="Pages">
                  <Link
                    to={address("/webhooks", {
                      tenant: endpoint.tenant_id,
                      endpoint: endpoint.id,
                      before: rows.at(-1)!.received_at,
                    })}
                  >
                    Older
                  </Link>
                </nav>
              )}
            </>
          )}
      </Loaded>
    </section>
  );
}
