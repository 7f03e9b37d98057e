import { useDashboard, useLive, useRoute } from "../context.ts";
import { clockTime, count } from "../format.ts";
import { Asking } from "../parts/actions.tsx";
import { Id, Table, Time } from "../parts/basics.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import type { Schedule } from "../rows.ts";
import { TenantFilter } from "./queues.tsx";

const LIVE_MS = 5_000;
const NEXT_RUNS = 5;

/** Schedules with their next occurrences. They can be run, paused and resumed. */
export function SchedulesPage() {
  const { api } = useDashboard();
  const tenant = useRoute().query.get("tenant") ?? "";
  const schedules = useLive(
    `schedules ${tenant}`,
    () => api.read<Schedule>("schedules", tenant ? { tenant } : {}),
    LIVE_MS,
  );
  return (
    <main>
      <h1>Schedules</h1>
      {api.operator && <TenantFilter key={tenant} page="/schedules" tenant={tenant} />}
      <Loaded of={schedules} rows={6}>
        {(rows) =>
          rows.length === 0 ? <Empty>No schedules.</Empty> : (
            <Table
              caption="Schedules"
              rows={rows}
              keyOf={(schedule) => schedule.id}
              columns={[
                { title: "Name", cell: (schedule) => <Named schedule={schedule} /> },
                {
                  title: "Tenant",
                  cell: (schedule) =>
                    schedule.tenant_id ? <Id of={schedule.tenant_id} /> : "all tenants",
                },
                { title: "Type", cell: (schedule) => schedule.type },
                { title: "Next", cell: (schedule) => <Next schedule={schedule} /> },
                { title: "Last", cell: (schedule) => <Time at={schedule.last_at} /> },
                { title: "Started", cell: (s) => count(s.started), number: true },
                {
                  title: "Not started",
                  cell: (s) => count(s.skipped + s.missed + s.failed),
                  number: true,
                },
                {
                  title: "Change",
                  cell: (schedule) => (
                    <ScheduleActions schedule={schedule} changed={schedules.refresh} />
                  ),
                },
              ]}
            />
          )}
      </Loaded>
    </main>
  );
}

function Named({ schedule }: { schedule: Schedule }) {
  return (
    <div>
      {schedule.name} <code>{schedule.expression}</code>{" "}
      <span class="quiet">{schedule.time_zone}</span>
      {schedule.problem && <div class="stale">{schedule.problem}</div>}
    </div>
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const { api } = useDashboard();
  const runs = useLive(
    `next runs ${schedule.id} ${schedule.next_at}`,
    () =>
      api.call<string[]>("jobforge_next_occurrences", {
        p_schedule_id: schedule.id,
        p_count: NEXT_RUNS,
      }),
    0,
  );
  if (schedule.paused) return <span class="status paused">paused</span>;
  return (
    <details>
      <summary>
        <Time at={schedule.next_at} />
      </summary>
      <ul class="plain">
        {(runs.value ?? []).map((at) => <li key={at}>{clockTime(at)}</li>)}
      </ul>
    </details>
  );
}

function ScheduleActions({ schedule, changed }: {
  schedule: Schedule;
  changed: () => Promise<void>;
}) {
  const { api } = useDashboard();
  // Only operators change schedules of all tenants.
  if (!api.operator && schedule.tenant_id === null) return null;
  const runNow = async () => {
    await api.call("jobforge_run_schedule", { p_schedule_id: schedule.id });
    await changed();
  };
  const pause = async () => {
    await api.call("jobforge_configure_schedule", {
      ...(schedule.tenant_id ? { p_tenant_id: schedule.tenant_id } : { p_fan_out: true }),
      p_name: schedule.name,
      p_settings: { paused: !schedule.paused },
    });
    await changed();
  };
  const number = schedule.tenant_id ? "1 job" : "1 job for every active tenant";
  return (
    <div class="buttons">
      <Asking
        label="Run now"
        title={`Run ${schedule.name} now?`}
        confirm={`Start ${number}`}
        run={runNow}
      >
        <p>
          {number} of type {schedule.type} in queue{" "}
          {schedule.queue}. Its regular occurrences do not change.
        </p>
      </Asking>
      <Asking
        label={schedule.paused ? "Resume" : "Pause"}
        title={`${schedule.paused ? "Resume" : "Pause"} ${schedule.name}?`}
        confirm={schedule.paused ? "Resume schedule" : "Pause schedule"}
        danger={!schedule.paused}
        run={pause}
      >
        <p>
          {schedule.paused
            ? "It starts jobs again from its next occurrence."
            : "It starts no jobs until you resume it. Existing jobs do not change."}
        </p>
      </Asking>
    </div>
  );
}
