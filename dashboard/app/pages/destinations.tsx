import { useState } from "preact/hooks";
import type { Destination } from "../../../shared/core/job/destination.ts";
import { useDashboard, useLive, useRoute } from "../context.ts";
import type { OfTenant } from "../destinations.ts";
import { clockTime } from "../format.ts";
import { Foreign, Link, Table, Time } from "../parts/basics.tsx";
import { CreateDestination, DestinationActions } from "../parts/destination_actions.tsx";
import { Deliveries } from "../parts/deliveries.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { address } from "../route.ts";
import { TenantFilter } from "./queues.tsx";

const LIVE_MS = 5_000;

/** Webhook destinations of one tenant with their state, and the deliveries to one of them. */
export function DestinationsPage() {
  const { api } = useDashboard();
  const tenant = useRoute().query.get("tenant") ?? "";
  const tenants = useLive("tenants", api.tenants, 0);
  return (
    <main>
      <h1>Webhook destinations</h1>
      {api.operator && <TenantFilter key={tenant} page="/destinations" tenant={tenant} />}
      {api.operator && !tenant && <Empty>Filter by a tenant to see its destinations.</Empty>}
      {api.operator && tenant && <Destinations key={tenant} tenant={tenant} />}
      {!api.operator && (
        <Loaded of={tenants} rows={4}>
          {(ids) => <OfUser tenant={tenant} ids={ids} />}
        </Loaded>
      )}
    </main>
  );
}

/** The destinations of a user, who may have to choose a tenant before. */
function OfUser({ tenant, ids }: { tenant: string; ids: string[] }) {
  return (
    <>
      {ids.length > 1 && (
        <nav aria-label="Tenants" class="buttons">
          {ids.map((id) => (
            <Link key={id} to={address("/destinations", { tenant: id })} current={id === tenant}>
              {id}
            </Link>
          ))}
        </nav>
      )}
      {ids.length > 1 && !tenant
        ? <Empty>Choose a tenant to see its destinations.</Empty>
        : <Destinations key={tenant} tenant={tenant} />}
    </>
  );
}

function Destinations({ tenant }: { tenant: string }) {
  const { api } = useDashboard();
  const { query } = useRoute();
  const of: OfTenant = tenant ? { p_tenant_id: tenant } : {};
  const destinations = useLive(
    `destinations ${tenant}`,
    () => api.call<Destination[]>("jobforge_list_destinations", of),
    LIVE_MS,
  );
  const [secret, setSecret] = useState<string>();
  const actions = { of, changed: destinations.refresh, show: setSecret };
  return (
    <>
      {api.managesDestinations && !api.operator && <CreateDestination {...actions} />}
      {secret && (
        <p class="stale" role="status">
          The new secret, which is not shown again: <code>{secret}</code>
        </p>
      )}
      <Loaded of={destinations} rows={4}>
        {(rows) => {
          const chosen = rows.find(({ name }) => name === query.get("destination"));
          return (
            <>
              {rows.length === 0 && <Empty>No webhook destinations.</Empty>}
              {rows.length > 0 && (
                <Table
                  caption="Webhook destinations"
                  rows={rows}
                  keyOf={(destination) => destination.id}
                  columns={[
                    { title: "Name", cell: (row) => <Named destination={row} tenant={tenant} /> },
                    { title: "Event types", cell: (row) => row.event_types.join(" ") || "none" },
                    { title: "State", cell: (row) => <State destination={row} /> },
                    { title: "Secret", cell: (row) => <Secrets destination={row} /> },
                    {
                      title: "Change",
                      cell: (row) => <DestinationActions destination={row} {...actions} />,
                    },
                  ]}
                />
              )}
              {chosen && (
                <Deliveries
                  key={chosen.id}
                  destination={chosen}
                  tenant={tenant}
                  before={query.get("before") ?? ""}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Named({ destination, tenant }: { destination: Destination; tenant: string }) {
  return (
    <div>
      <Link to={address("/destinations", { tenant, destination: destination.name })}>
        {destination.name}
      </Link>{" "}
      <span class="quiet">
        <Foreign text={destination.url} />
      </span>
    </div>
  );
}

const STYLES = { active: "succeeded", failing: "dead", paused: "paused", disabled: "off" };

function State({ destination }: { destination: Destination }) {
  const { status, reason, failures, paused_at, failing_since } = destination;
  return (
    <div>
      <span class={`status ${STYLES[status]}`}>{status}</span>{" "}
      {status === "failing" && (
        <span class="quiet">
          {failures} in a row, since <Time at={failing_since} />
        </span>
      )}
      {reason && (
        <div class="stale">
          <Foreign text={reason} /> {paused_at && <Time at={paused_at} />}
        </div>
      )}
    </div>
  );
}

/** The versions that sign. More than one is a rotation. */
function Secrets({ destination: { secrets } }: { destination: Destination }) {
  return (
    <ul class="plain">
      {secrets.map(({ version, expires_at }) => (
        <li key={version ?? 0}>
          {version === null ? "of the operator" : `version ${version}`}
          {expires_at && <span class="quiet">{` until ${clockTime(expires_at)}`}</span>}
        </li>
      ))}
    </ul>
  );
}
