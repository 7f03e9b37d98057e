import type { ComponentChildren } from "preact";
import { isWaiting } from "../../../shared/core/job/job_row.ts";
import { duration } from "../format.ts";
import type { Attempt, Explanation, FullJob } from "../rows.ts";
import { ErrorText, Time } from "./basics.tsx";

/** The life of a job, oldest first. */
export function Timeline({ job, attempts, explanation }: {
  job: FullJob;
  attempts: Attempt[];
  explanation: Explanation | undefined;
}) {
  const run = explanation?.run_id;
  const later = Date.parse(job.run_at) - Date.parse(job.created_at) > 1_000;
  return (
    <ol class="timeline">
      <Moment at={job.created_at}>enqueued</Moment>
      {[...attempts].reverse().map((attempt) => (
        <Moment key={attempt.attempt_no} at={attempt.started_at} outcome={attempt.outcome}>
          attempt {attempt.attempt_no} <strong>{attempt.outcome.replace("_", " ")}</strong> after
          {" "}
          {duration((Date.parse(attempt.finished_at) - Date.parse(attempt.started_at)) / 1000)}
          {attempt.error && (
            <div>
              <ErrorText error={attempt.error} />
            </div>
          )}
        </Moment>
      ))}
      {job.status === "running" && (
        <Moment at={job.started_at} outcome="running">
          attempt {job.attempts} is running {run && <span class="quiet">run {run}</span>}
        </Moment>
      )}
      {isWaiting(job.status) && (later || job.attempts > 0) && (
        <Moment at={job.run_at}>may start{job.attempts > 0 && " its next attempt"}</Moment>
      )}
      {job.finished_at && (
        <Moment at={job.finished_at} outcome={job.status}>finished: {job.status}</Moment>
      )}
    </ol>
  );
}

function Moment({ at, outcome, children }: {
  at: string | null;
  outcome?: string;
  children: ComponentChildren;
}) {
  return (
    <li class={outcome}>
      <Time at={at} />
      <div>{children}</div>
    </li>
  );
}
