import { useState } from "preact/hooks";
import type { Delivery, Destination } from "../../../shared/core/job/destination.ts";
import { useDashboard, useLive } from "../context.ts";
import { type OfTenant, recoverSince } from "../destinations.ts";
import { count } from "../format.ts";
import { address } from "../route.ts";
import { Asking, Field } from "./actions.tsx";
import { Foreign, Id, Link, Table, Time } from "./basics.tsx";
import { Empty, Loaded } from "./states.tsx";

const LIVE_MS = 4_000;
const PAGE = 50;

/** The deliveries of a destination, newest first, to send again one by one or since a time. */
export function Deliveries({ destination, tenant, before }: {
  destination: Destination;
  tenant: string;
  before: string;
}) {
  const { api } = useDashboard();
  const of: OfTenant = tenant ? { p_tenant_id: tenant } : {};
  const key = { ...of, p_destination: destination.name };
  const deliveries = useLive(
    `deliveries ${destination.id} ${before}`,
    () =>
      api.call<Delivery[]>("jobforge_list_deliveries", {
        ...key,
        ...(before ? { p_before: before } : {}),
        p_limit: PAGE,
      }),
    before ? 0 : LIVE_MS,
  );
  const redeliver = async (p_message_id: string) => {
    await api.call("jobforge_redeliver", { ...key, p_message_id });
    await deliveries.refresh();
  };
  return (
    <section>
      <h2>Deliveries to {destination.name}</h2>
      <Recover of={of} name={destination.name} changed={deliveries.refresh} />
      <Loaded of={deliveries} rows={4}>
        {(rows) =>
          rows.length === 0 ? <Empty>No deliveries.</Empty> : (
            <>
              <Table
                caption="Deliveries, newest first"
                rows={rows}
                keyOf={(delivery) => delivery.job_id}
                columns={columns(redeliver)}
              />
              {rows.length === PAGE && (
                <nav class="pages" aria-label="Pages">
                  <Link
                    to={address("/destinations", {
                      ...{ tenant, destination: destination.name },
                      before: rows.at(-1)!.job_id,
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

const STYLES: Record<Delivery["status"], string> = {
  ...{ delivered: "succeeded", pending: "running", failed: "failed", canceled: "canceled" },
  ...{ held: "paused", resent: "off" },
};

function columns(redeliver: (messageId: string) => Promise<void>) {
  return [
    { title: "Event", cell: (row: Delivery) => <Event delivery={row} /> },
    { title: "Published", cell: (row: Delivery) => <Time at={row.created_at} /> },
    {
      title: "Status",
      cell: (row: Delivery) => <span class={`status ${STYLES[row.status]}`}>{row.status}</span>,
    },
    { title: "Attempts", cell: (row: Delivery) => count(row.attempts), number: true },
    {
      title: "Response",
      cell: (row: Delivery) => row.response_status ?? <code>{row.error ?? "–"}</code>,
    },
    { title: "Last attempt", cell: (row: Delivery) => <Time at={row.last_attempt_at} /> },
    { title: "Next attempt", cell: (row: Delivery) => <Time at={row.next_attempt_at} /> },
    {
      title: "Change",
      cell: (row: Delivery) => (
        <Asking
          label="Redeliver"
          title="Send this message again?"
          confirm="Redeliver"
          run={() => redeliver(row.message_id)}
        >
          <p>The receiver gets it under its first webhook-id.</p>
        </Asking>
      ),
    },
  ];
}

function Event({ delivery: { event_type, event_id, message_id } }: { delivery: Delivery }) {
  return (
    <div>
      {event_type} <Id of={message_id} /> {event_id && (
        <span class="quiet">
          <Foreign text={event_id} />
        </span>
      )}
    </div>
  );
}

function Recover({ of, name, changed }: {
  of: OfTenant;
  name: string;
  changed: () => Promise<void>;
}) {
  const { api } = useDashboard();
  const [since, setSince] = useState("");
  const [sent, setSent] = useState<number>();
  const run = async () => {
    setSent(await recoverSince(api, of, name, new Date(since)));
    await changed();
  };
  return (
    <div class="buttons">
      <Asking label="Recover" title={`Recover ${name}`} confirm="Recover" run={run}>
        <p>Sends what it subscribed to and did not get since this time.</p>
        <Field
          {...{ label: "Since", name: "since", type: "datetime-local", required: true }}
          value={since}
          onInput={setSince}
        />
      </Asking>
      {sent !== undefined && <p role="status">{count(sent)} messages sent.</p>}
    </div>
  );
}
