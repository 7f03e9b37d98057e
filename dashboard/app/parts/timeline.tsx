import type { ComponentChildren } from "preact";
import { duration } from "../format.ts";
import type { Attempt, FullJob } from "../rows.ts";
import { ErrorText, Time } from "./basics.tsx";

/** The life of a job, oldest first. */
export function Timeline({ job, attempts }: { job: FullJob; attempts: Attempt[] }) {
  const later = Date.parse(job.run_at) - Date.parse(job.created_at) > 1_000;
  return (
    <ol class="timeline">
      <Moment at={job.created_at}>enqueued</Moment>
      {[...attempts].reverse().map((attempt) => (
        <Moment key={attempt.attempt_no} at={attempt.started_at} outcome={attempt.outcome}>
          attempt {attempt.attempt_no} <strong>{attempt.outcome.replace("_", " ")}</strong> after
          {" "}
          {duration((Date.parse(attempt.finished_at) - Date.parse(attempt.started_at)) / 1000)}{" "}
          <span class="quiet">run {attempt.run_id}</span>
          {attempt.error && (
            <div>
              <ErrorText error={attempt.error} />
            </div>
          )}
        </Moment>
      ))}
      {job.status === "running" && (
        <Moment at={job.started_at} outcome="running">
          attempt {job.attempts} is running <span class="quiet">run {job.run_id}</span>
        </Moment>
      )}
      {job.status === "queued" && (later || job.attempts > 0) && (
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
