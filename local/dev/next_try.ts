import type { Sql } from "../postgres/database.ts";

/** An attempt that did not succeed. */
export interface FailedAttempt {
  jobId: string;
  type: string;
  attempt: number;
}

const LOOKS = 30;
const LOOK_MS = 100;

/** Returns the attempt of a log line of the worker, if the line is about one that failed. */
export function failedAttempt(line: string): FailedAttempt | undefined {
  if (!line.startsWith("{") || !line.includes('"job_unsuccessful"')) return undefined;
  try {
    const { event, job_id: jobId, type, attempt } = JSON.parse(line);
    return event === "job_unsuccessful" ? { jobId, type, attempt } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns what becomes of a job, once the database has the end of its attempt. */
export async function nextTry(sql: Sql, failed: FailedAttempt): Promise<string | undefined> {
  const { jobId, type, attempt } = failed;
  for (let look = 0; look < LOOKS; look++) {
    const [job] = await sql`
      select j.status, j.attempts, j.max_attempts,
        greatest(0, extract(epoch from j.run_at - clock_timestamp()))::float as seconds
      from public.jobforge_jobs as j
      join public.jobforge_job_attempts as a on a.job_id = j.id and a.attempt_no = ${attempt}
      where j.id = ${jobId} and a.outcome is not null`;
    if (job) return `  ${type} ${jobId}: ${wordsOf(job)}`;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return undefined;
}

function wordsOf(job: Record<string, unknown>): string {
  const { status, attempts, max_attempts: most, seconds } = job;
  if (status === "dead") return `dead after ${attempts} of ${most} attempts`;
  if (status === "scheduled") return `next try in ${Number(seconds).toFixed(1)} s`;
  return status === "queued" || status === "running" ? "next try now" : `ended as ${status}`;
}
