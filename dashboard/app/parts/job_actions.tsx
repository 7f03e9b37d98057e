import { useState } from "preact/hooks";
import type { CallName } from "../../contract/calls.ts";
import { isWaiting } from "../../../shared/core/job/job_row.ts";
import { useDashboard } from "../context.ts";
import type { FullJob } from "../rows.ts";
import { Asking, Field } from "./actions.tsx";

/** Changes a job by a call and reads it again. */
type Change = (name: CallName, more?: Record<string, unknown>) => () => Promise<void>;

/** The changes that a job's status allows. */
export function JobActions({ job, changed }: { job: FullJob; changed: () => Promise<void> }) {
  const { api } = useDashboard();
  const key = { p_job_id: job.id, p_tenant_id: job.tenant_id };
  const change: Change = (name, more = {}) => async () => {
    await api.call(name, { ...key, ...more });
    await changed();
  };
  const waiting = isWaiting(job.status);
  const running = job.status === "running" && !job.cancel_requested_at;
  const ended = ["failed", "dead", "canceled"].includes(job.status);
  if (!waiting && !running && !ended) return null;
  return (
    <div class="buttons" role="group" aria-label="Actions">
      {ended && (
        <Asking
          label="Retry"
          title="Queue 1 job again?"
          confirm="Retry 1 job"
          run={change("jobforge_retry_job")}
        >
          <p>It gets a fresh set of attempts. The record of its earlier attempts stays.</p>
        </Asking>
      )}
      {waiting && <Reschedule change={change} />}
      {(waiting || running) && <Cancel waiting={waiting} change={change} />}
    </div>
  );
}

function Reschedule({ change }: { change: Change }) {
  const [time, setTime] = useState("");
  const reschedule = async () => {
    const at = time ? new Date(time) : new Date();
    await change("jobforge_reschedule_job", { p_run_at: at.toISOString() })();
  };
  return (
    <Asking
      label="Reschedule"
      title="Move the start of 1 job?"
      confirm="Reschedule 1 job"
      run={reschedule}
    >
      <Field
        label="Not before (empty: now)"
        name="run_at"
        type="datetime-local"
        value={time}
        onInput={setTime}
      />
    </Asking>
  );
}

function Cancel({ waiting, change }: { waiting: boolean; change: Change }) {
  return (
    <Asking
      label="Cancel"
      title="Cancel 1 job?"
      confirm="Cancel 1 job"
      dismiss="Keep job"
      danger
      run={change("jobforge_cancel_job")}
    >
      <p>
        {waiting
          ? "It will not run. You can retry it later."
          : "Its worker aborts it at the next heartbeat. Its effects so far stay."}
      </p>
    </Asking>
  );
}
