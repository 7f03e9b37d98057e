import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Api } from "../api.ts";
import { useDashboard, useLive } from "../context.ts";
import { count, duration } from "../format.ts";
import { address } from "../route.ts";
import { Link, Table, Time } from "../parts/basics.tsx";
import { Plot } from "../parts/plot.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import type { Alert, Ended, LiveRun, Overview, RunNumbers, Step } from "../rows.ts";

const NUMBERS_MS = 3_000;
const HISTORY_MS = 15_000;
const ALERTS_MS = 10_000;
/** The last bound of a histogram of the database. A percentile above it is not known. */
const LAST_BOUND_MS = 1_800_000;

const SEVERITIES = ["critical", "warning", "info"] as const;

/** Spans of the plots: minutes, and seconds per step. */
const SPANS = [
  { label: "1 hour", minutes: 60, step: 60 },
  { label: "6 hours", minutes: 360, step: 300 },
  { label: "24 hours", minutes: 1_440, step: 900 },
] as const;

/** The present numbers, their history, alerts and runs. */
export function OverviewPage() {
  const { api } = useDashboard();
  const overview = useLive(
    "overview",
    () => api.call<Overview>("jobforge_overview"),
    NUMBERS_MS,
  );
  return (
    <main>
      <h1>Overview</h1>
      {api.operator && <Alerts />}
      <Loaded of={overview} rows={3}>{(value) => <Numbers overview={value} />}</Loaded>
      <History />
      {overview.value?.runs && (
        <Runs numbers={overview.value.runs} live={overview.value.live_runs ?? []} />
      )}
    </main>
  );
}

function Numbers({ overview }: { overview: Overview }) {
  const { last_5_minutes: recent, last_hour: hour } = overview;
  const oldest = overview.oldest_ready_seconds;
  return (
    <div class="tiles">
      <Tile name="Ready">{count(overview.ready)}</Tile>
      <Tile name="Running" to="/jobs?status=running">{count(overview.running)}</Tile>
      <Tile name="Oldest ready">
        {overview.ready === 0 || oldest === null ? "–" : duration(oldest)}
      </Tile>
      <Tile name="Scheduled">{count(overview.scheduled)}</Tile>
      <Tile name="Succeeded, 5 min">{count(recent.succeeded)}</Tile>
      <Tile name="Errors, 5 min" bad={(recent.error_rate ?? 0) > 0.05}>{errors(recent)}</Tile>
      <Tile name="Errors, 1 hour">{errors(hour)}</Tile>
      <Tile
        name="Failed or dead, 1 hour"
        to="/jobs?status=dead,failed"
        bad={hour.dead + hour.failed > 0}
      >
        {count(hour.dead + hour.failed)}
      </Tile>
      {overview.paused_queues > 0 && (
        <Tile name="Paused queues" to="/queues" bad>{count(overview.paused_queues)}</Tile>
      )}
    </div>
  );
}

function errors(ended: Ended): string {
  return ended.error_rate === null ? "–" : `${(ended.error_rate * 100).toFixed(1)} %`;
}

function Tile({ name, to, bad, children }: {
  name: string;
  to?: string;
  bad?: boolean;
  children: ComponentChildren;
}) {
  const body = (
    <>
      <span class="name">{name}</span>
      <span class="value">{children}</span>
    </>
  );
  const style = `tile${bad ? " bad" : ""}`;
  return to ? <Link to={to} class={style}>{body}</Link> : <div class={style}>{body}</div>;
}

async function readHistory(api: Api, minutes: number, step: number): Promise<Step[]> {
  const to = Math.ceil(Date.now() / 60_000) * 60_000;
  return await api.call<Step[]>("jobforge_history", {
    p_from: new Date(to - minutes * 60_000).toISOString(),
    p_to: new Date(to).toISOString(),
    p_step_seconds: step,
  });
}

function History() {
  const { api } = useDashboard();
  const [chosen, setChosen] = useState(0);
  const { minutes, step } = SPANS[chosen]!;
  const history = useLive(
    `history ${minutes}`,
    () => readHistory(api, minutes, step),
    HISTORY_MS,
  );
  return (
    <section>
      <div class="bar-of-choices" role="group" aria-label="Time span">
        {SPANS.map((span, index) => (
          <button
            type="button"
            aria-pressed={index === chosen}
            onClick={() => setChosen(index)}
          >
            {span.label}
          </button>
        ))}
      </div>
      <div class="plots">
        <Loaded of={history} rows={7}>{(steps) => <Plots steps={steps} seconds={step} />}</Loaded>
      </div>
    </section>
  );
}

function Plots({ steps, seconds }: { steps: Step[]; seconds: number }) {
  const times = steps.map((step) => Date.parse(step.at) / 1000);
  const perMinute = (value: number) => value * 60 / seconds;
  const inSeconds = (value: number | null) => value === null ? null : value / 1000;
  const total = steps.reduce((sum, step) => sum + step.succeeded, 0);
  const wrong = steps.reduce((sum, step) => sum + step.failed + step.dead + step.retried, 0);
  return (
    <>
      <Plot
        title="Attempts per minute"
        summary={`Within this span ${count(total)} attempts succeeded and ${count(wrong)} did not.`}
        times={times}
        format={(value) => count(value)}
        lines={[
          { label: "succeeded", color: "good", values: steps.map((s) => perMinute(s.succeeded)) },
          {
            label: "unsuccessful",
            color: "bad",
            values: steps.map((s) => perMinute(s.failed + s.dead + s.retried)),
          },
        ]}
      />
      <Plot
        title="Queue latency"
        summary={latencySummary(steps)}
        times={times}
        format={(value) => duration(value)}
        lines={[
          {
            label: "p50",
            color: "accent",
            values: steps.map((s) => inSeconds(s.latency_p50_ms)),
          },
          { label: "p95", color: "warn", values: steps.map((s) => inSeconds(s.latency_p95_ms)) },
        ]}
      />
    </>
  );
}

function latencySummary(steps: Step[]): string {
  const worst = Math.max(0, ...steps.map((step) => step.latency_p95_ms ?? 0));
  if (worst >= LAST_BOUND_MS) return "In some step 5 % of jobs waited for more than 30 min.";
  return `95 % of jobs started within ${duration(worst / 1000)} in every step of this span.`;
}

function Alerts() {
  const { api } = useDashboard();
  const alerts = useLive(
    "alerts",
    () => api.call<Alert[]>("jobforge_alerts", { p_open: true }),
    ALERTS_MS,
  );
  return (
    <section>
      <h2>Alerts</h2>
      <Loaded of={alerts} rows={2}>
        {(open) =>
          open.length === 0 ? <Empty>No open alerts.</Empty> : (
            <ul class="alerts">
              {worstFirst(open).map((alert) => (
                <li key={alert.id} class={alert.severity}>
                  <strong>{alert.severity}</strong> <AlertText alert={alert} />{" "}
                  <span class="quiet">
                    {alert.rule} · since <Time at={alert.opened_at} />
                  </span>
                </li>
              ))}
            </ul>
          )}
      </Loaded>
    </section>
  );
}

function worstFirst(alerts: Alert[]): Alert[] {
  const rank = ({ severity }: Alert) => SEVERITIES.indexOf(severity);
  return alerts.toSorted((a, b) => rank(a) - rank(b) || b.id - a.id);
}

/** The page with more about a rule. This page has the runs. */
const PAGE_OF_RULE: Record<string, string> = {
  jobs_failing: "/jobs",
  queue_waiting: "/queues",
  enqueue_volume: "/queues",
  schedule_missed: "/schedules",
  signatures_refused: "/webhooks",
  destination_paused: "/destinations",
};

function AlertText({ alert: { rule, tenant_id, message } }: { alert: Alert }) {
  const page = PAGE_OF_RULE[rule];
  if (!page) return <>{message}</>;
  const status = rule === "jobs_failing" ? "dead,failed" : undefined;
  return <Link to={address(page, { tenant: tenant_id ?? undefined, status })}>{message}</Link>;
}

function Runs({ numbers, live }: { numbers: RunNumbers; live: LiveRun[] }) {
  return (
    <section>
      <h2>Runs</h2>
      <p>
        {count(numbers.live)} live runs with {count(numbers.held)} of {count(numbers.capacity)}{" "}
        slots in use, {count(numbers.pending)} pending. In the last 24 hours:{" "}
        {count(numbers.finished_24h)} finished, {count(numbers.undelivered_24h)} undelivered,{" "}
        {count(numbers.lost_24h)} lost, {duration(numbers.cpu_ms_24h / 1000)} of CPU.
      </p>
      {live.length > 0 && (
        <Table
          caption="Live runs"
          rows={live}
          keyOf={(run) => run.id}
          columns={[
            { title: "Run", cell: (run) => String(run.id) },
            { title: "Worker", cell: (run) => run.worker ?? "–" },
            { title: "Slots in use", cell: (run) => `${run.held}/${run.capacity}`, number: true },
            { title: "Claimed", cell: (run) => count(run.claimed), number: true },
            { title: "Outcomes", cell: (run) => count(run.settled), number: true },
            { title: "Age", cell: (run) => duration(run.age_seconds), number: true },
          ]}
        />
      )}
    </section>
  );
}
