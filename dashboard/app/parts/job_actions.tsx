import { useState } from "preact/hooks";
import type { CallName } from "../../contract/calls.ts";
import { useDashboard } from "../context.ts";
import type { FullJob } from "../rows.ts";
import { Asking, Field } from "./actions.tsx";

/** What can be done to a job in its state. */
export function JobActions({ job, changed }: { job: FullJob; changed: () => Promise<void> }) {
  const { api } = useDashboard();
  const [time, setTime] = useState("");
  const key = { p_job_id: job.id, p_tenant_id: job.tenant_id };
  const change = (name: CallName, more = {}) => async () => {
    await api.call(name, { ...key, ...more });
    await changed();
  };
  const queued = job.status === "queued";
  const running = job.status === "running" && !job.cancel_requested_at;
  const ended = ["failed", "dead", "canceled"].includes(job.status);
  if (!queued && !running && !ended) return null;
  return (
    <div class="buttons" role="group" aria-label="Actions">
      {ended && (
        <Asking
          label="Retry"
          title="Queue 1 job again?"
          confirm="Retry 1 job"
          run={change("jobforge_retry_job")}
        >
          <p>It gets a fresh set of attempts. Its attempts so far stay on record.</p>
        </Asking>
      )}
      {queued && (
        <Asking
          label="Reschedule"
          title="Move the start of 1 job?"
          confirm="Reschedule 1 job"
          run={async () => {
            const at = time ? new Date(time) : new Date();
            await change("jobforge_reschedule_job", { p_run_at: at.toISOString() })();
          }}
        >
          <Field
            label="Not before (empty: now)"
            name="run_at"
            type="datetime-local"
            value={time}
            onInput={setTime}
          />
        </Asking>
      )}
      {(queued || running) && (
        <Asking
          label="Cancel"
          title="Cancel 1 job?"
          confirm="Cancel 1 job"
          danger
          run={change("jobforge_cancel_job")}
        >
          <p>
            {queued
              ? "It will not run. It can be retried later."
              : "Its worker is told to stop at the next heartbeat; what it did so far stays done."}
          </p>
        </Asking>
      )}
    </div>
  );
}
