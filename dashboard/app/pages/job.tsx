import type { ComponentChildren } from "preact";
import { isTerminal, isWaiting } from "../../../shared/core/job/job_row.ts";
import { useDashboard, useLive } from "../context.ts";
import type { Api } from "../api.ts";
import { address } from "../route.ts";
import { JobActions } from "../parts/job_actions.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { ErrorText, Foreign, Id, Link, Status, Time } from "../parts/basics.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Tree } from "../parts/tree.tsx";
import type { Attempt, Explanation, FullJob } from "../rows.ts";
import { duration } from "../format.ts";

const LIVE_MS = 2_000;

/** The data of one job. */
interface Known {
  job: FullJob | undefined;
  attempts: Attempt[];
  explanation: Explanation | undefined;
  /** Undefined when the job has no result. */
  result: unknown;
}

async function readJob(api: Api, tenant: string, id: string): Promise<Known> {
  const key = { tenant, job: id };
  const [[job], attempts] = await Promise.all([
    api.read<FullJob>("job", key),
    api.read<Attempt>("attempts", key),
  ]);
  if (!job) return { job, attempts, explanation: undefined, result: undefined };
  const [result] = job.status === "succeeded"
    ? await api.read<{ result: unknown }>("result", key)
    : [];
  const explanation = await api.call<Explanation>("jobforge_explain_job", {
    p_job_id: id,
    p_tenant_id: tenant,
  });
  return { job, attempts, explanation, result: result?.result };
}

/** One job: its status, why it is not running, and its actions. */
export function JobPage({ tenant, id }: { tenant: string; id: string }) {
  const { api } = useDashboard();
  const known = useLive(`job ${tenant} ${id}`, () => readJob(api, tenant, id), LIVE_MS);
  const payload = useLive(
    `payload ${tenant} ${id}`,
    () => api.read<{ payload: unknown }>("payload", { tenant, job: id }),
    0,
  );
  return (
    <main>
      <h1>Job</h1>
      <p class="whole-id">
        <code>{id}</code>
      </p>
      <Loaded of={known} rows={8}>
        {({ job, attempts, explanation, result }) =>
          job
            ? (
              <>
                <Why job={job} explanation={explanation} />
                <JobActions job={job} changed={known.refresh} />
                <Facts job={job} />
                <h2>Timeline</h2>
                <Timeline job={job} attempts={attempts} explanation={explanation} />
                <h2>Payload</h2>
                <Loaded of={payload} rows={3}>
                  {([row]) => <Tree value={row?.payload} />}
                </Loaded>
                {job.progress !== null && (
                  <>
                    <h2>Progress</h2>
                    <Tree value={job.progress} />
                  </>
                )}
                {job.status === "succeeded" && (
                  <>
                    <h2>Result</h2>
                    {result === undefined
                      ? <Empty>The handler returned nothing.</Empty>
                      : <Tree value={result} />}
                  </>
                )}
              </>
            )
            : <Empty>There is no such job, or it belongs to another tenant.</Empty>}
      </Loaded>
    </main>
  );
}

function Why({ job, explanation }: { job: FullJob; explanation: Explanation | undefined }) {
  const waiting = isWaiting(job.status);
  return (
    <section class={`why ${job.status}`} aria-live="polite">
      <p>
        <Status job={job} /> {waiting && <strong>Why is it not running?</strong>}{" "}
        {explanation?.message}
      </p>
      {explanation && !isTerminal(job.status) && job.status !== "running" && (
        <p class="quiet">
          <code>{explanation.reason}</code> · {explanation.earliest_at
            ? (
              <>
                earliest start <Time at={explanation.earliest_at} />
              </>
            )
            : "start time unknown"}
        </p>
      )}
      {job.last_error && (
        <p>
          Last error: <ErrorText error={job.last_error} />
        </p>
      )}
    </section>
  );
}

function Facts({ job }: { job: FullJob }) {
  return (
    <dl class="facts">
      <Fact name="Type">
        <Link to={`/jobs?type=${encodeURIComponent(job.type)}`}>{job.type}</Link>
      </Fact>
      <Fact name="Queue">
        <Link to={address("/jobs", { queue: job.queue, tenant: job.tenant_id })}>{job.queue}</Link>
      </Fact>
      <Fact name="Tenant">
        <Id of={job.tenant_id} />
      </Fact>
      <Fact name="Attempts">{job.attempts} of {job.max_attempts}</Fact>
      <Fact name="Priority">{job.priority}</Fact>
      <Fact name="Timeout">{duration(job.timeout_ms / 1000)}</Fact>
      <Fact name="Not before">
        <Time at={job.run_at} />
      </Fact>
      <Fact name="Enqueued">
        <Time at={job.created_at} />
      </Fact>
      <Fact name="Enqueued by">
        <Foreign text={job.created_by ?? "–"} />
      </Fact>
      <Fact name="Idempotency key">
        <Foreign text={job.idempotency_key ?? "–"} />
      </Fact>
      <Fact name="Trace">{job.traceparent?.split("-")[1] ?? "–"}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
