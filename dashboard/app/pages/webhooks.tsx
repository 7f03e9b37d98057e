import { useDashboard, useLive, useRoute } from "../context.ts";
import { address } from "../route.ts";
import { Foreign, Id, JobLink, Link, Table, Time } from "../parts/basics.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Tree } from "../parts/tree.tsx";
import type { Connector, ReceivedWebhook } from "../rows.ts";
import { TenantFilter } from "./queues.tsx";

const LIVE_MS = 5_000;
const PAGE = 50;

/** Hosts that jobs may call, endpoints for webhooks, and the received webhooks. */
export function WebhooksPage() {
  const { api } = useDashboard();
  const { query } = useRoute();
  const tenant = query.get("tenant") ?? "";
  const chosen = query.get("endpoint") ?? "";
  const connectors = useLive(
    `connectors ${tenant}`,
    () => api.read<Connector>("connectors", tenant ? { tenant } : {}),
    LIVE_MS,
  );
  return (
    <main>
      <h1>Webhooks and connectors</h1>
      {api.operator && <TenantFilter key={tenant} page="/webhooks" tenant={tenant} />}
      <Loaded of={connectors} rows={5}>
        {(rows) => {
          const endpoint = rows.find(({ id }) => id === chosen);
          return (
            <>
              {rows.length === 0
                ? <Empty>No connectors yet. Jobs cannot call out and no webhook can come in.</Empty>
                : <Connectors rows={rows} tenant={tenant} />}
              {endpoint && (
                <ReceivedWebhooks
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

function Connectors({ rows, tenant }: { rows: Connector[]; tenant: string }) {
  return (
    <Table
      caption="Connectors"
      rows={rows}
      keyOf={(connector) => connector.id}
      columns={[
        { title: "Connector", cell: (connector) => connector.connector },
        { title: "Name", cell: (connector) => connector.name },
        { title: "Tenant", cell: (connector) => <Id of={connector.tenant_id} /> },
        {
          title: "State",
          cell: (connector) =>
            connector.enabled
              ? <span class="status succeeded">enabled</span>
              : (
                <span class="status off">
                  disabled: <Foreign text={connector.disabled_reason ?? ""} />
                </span>
              ),
        },
        {
          title: "Configuration",
          cell: (connector) => (
            <div class="value">
              <Tree value={connector.config} depth={2} />
            </div>
          ),
        },
        { title: "Changed", cell: (connector) => <Time at={connector.updated_at} /> },
        {
          title: "Events",
          cell: (connector) =>
            connector.connector === "webhook-verify"
              ? (
                <Link to={address("/webhooks", { tenant, endpoint: connector.id })}>
                  Received webhooks<span class="hidden">of {connector.name}</span>
                </Link>
              )
              : <span class="quiet">–</span>,
        },
      ]}
    />
  );
}

function ReceivedWebhooks({ endpoint, before }: { endpoint: Connector; before: string }) {
  const { api } = useDashboard();
  const received = useLive(
    `received_webhooks ${endpoint.id} ${before}`,
    () =>
      api.read<ReceivedWebhook>("received_webhooks", {
        tenant: endpoint.tenant_id,
        endpoint: endpoint.id,
        ...(before ? { before } : {}),
      }),
    before ? 0 : LIVE_MS,
  );
  return (
    <section>
      <h2>Events at {endpoint.name}</h2>
      <Loaded of={received} rows={4}>
        {(rows) =>
          rows.length === 0 ? <Empty>No events in the last week.</Empty> : (
            <>
              <Table
                caption="Verified events, newest first"
                rows={rows}
                keyOf={(webhook) => webhook.replay_key}
                columns={[
                  { title: "Received", cell: (webhook) => <Time at={webhook.received_at} /> },
                  { title: "Event", cell: (webhook) => <Foreign text={webhook.replay_key} /> },
                  {
                    title: "Job",
                    cell: (webhook) => <JobLink tenant={webhook.tenant_id} id={webhook.job_id} />,
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
