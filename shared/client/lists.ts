import { JobForgeError } from "../core/errors.ts";
import type { JobStatus } from "../core/job/job_row.ts";
import type { Calls } from "./calls.ts";
import { prefixed } from "./jobs.ts";
import { type CallOptions, checkNames, snakeOptions, uuid } from "./options.ts";
import { camelRow, type ListedJob } from "./rows.ts";

/** A filter for jobs. A list of values means any of them. */
export interface JobFilter {
  status?: JobStatus | readonly JobStatus[];
  type?: string | readonly string[];
  queue?: string | readonly string[];
  /** Code of the last error. */
  errorCode?: string | readonly string[];
  /** From this time on: a Date, or ISO 8601 with an offset. */
  createdAfter?: Date | string;
  /** Before this time. */
  createdBefore?: Date | string;
}

/** A page of jobs. */
export interface JobPage {
  /** May be empty, because a call reads a bounded number of jobs. */
  jobs: ListedJob[];
  /** Where the next page starts, or null at the end. */
  next: string | null;
}

/** Jobs by filter, newest first: iterate over all of them, or read one page. */
export interface JobList extends AsyncIterable<ListedJob> {
  /** Reads a page. `from` is the `next` of the one before. `limit` is up to 200 (default: 50). */
  page(options?: CallOptions & { from?: string | null; limit?: number }): Promise<JobPage>;
}

/** The result of a bulk change. */
export interface BulkResult {
  /** True when nothing was changed. */
  dryRun: boolean;
  /** Jobs that were changed or, in a dry run, match. */
  count: number;
  /** Jobs that another transaction held. Repeat the call for them. */
  skipped: number;
  /** Some of the jobs. */
  sample: Pick<ListedJob, "id" | "status" | "type" | "queue" | "errorCode" | "createdAt">[];
  /** True when `limit` was reached before the end. */
  more: boolean;
}

/** Options of a bulk change. */
export interface BulkOptions extends CallOptions {
  /** False to change the jobs (default: true, which only counts them). */
  dryRun?: boolean;
  /** Maximum number of jobs (default: all). */
  limit?: number;
}

const FILTER = ["status", "type", "queue", "errorCode", "createdAfter", "createdBefore"];
const PAGE = 200;
const BULK_PAGE = 1_000;

/** Lists jobs, newest first. */
export function listJobs(calls: Calls, filter: JobFilter, options: CallOptions): JobList {
  checkNames(options, ["signal"], "option");
  const sent = filterOf(filter);
  const page: JobList["page"] = async ({ from = null, limit = 50, ...more } = {}) => {
    checkNames(more, ["from", "limit", "signal"], "option");
    if (from !== null) uuid("from", from);
    const args = prefixed({ tenant_id: calls.tenantId, filter: sent, from, limit });
    const name = "jobforge_list_jobs";
    const { jobs, next } = await calls.object<JobPage>(name, args, { ...options, ...more });
    return { jobs: jobs.map((job) => camelRow<ListedJob>(job)), next };
  };
  return {
    page,
    async *[Symbol.asyncIterator]() {
      let from: string | null = null;
      do {
        const { jobs, next }: JobPage = await page({ from, limit: PAGE });
        yield* jobs;
        from = next;
      } while (from !== null);
    },
  };
}

/** Changes the jobs that a filter finds, page after page. */
export async function changeJobs(
  calls: Calls,
  name: "jobforge_cancel_jobs" | "jobforge_retry_jobs",
  filter: JobFilter,
  options: BulkOptions,
): Promise<BulkResult> {
  checkNames(options, ["dryRun", "limit", "signal"], "option");
  const { dryRun = true, limit = Infinity, ...call } = options;
  requireLimit(limit);
  const sent = filterOf(filter);
  const total: BulkResult = { dryRun, count: 0, skipped: 0, sample: [], more: false };
  let after: string | null = null;
  do {
    const size = Math.min(BULK_PAGE, limit - total.count);
    const args = prefixed({
      ...{ tenant_id: calls.tenantId, filter: sent, after, limit: size, dry_run: dryRun },
    });
    const page: ChangedPage = await calls.object<ChangedPage>(name, args, call)
      .catch((thrown) => {
        throw afterSome(thrown, total);
      });
    total.count += page.count;
    total.skipped += page.skipped;
    if (total.sample.length === 0) total.sample = page.sample.map((job) => camelRow(job));
    after = page.next;
  } while (after !== null && total.count < limit);
  return { ...total, more: after !== null };
}

interface ChangedPage {
  count: number;
  skipped: number;
  sample: object[];
  next: string | null;
}

function filterOf(filter: JobFilter): Record<string, unknown> {
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) {
    throw new JobForgeError("invalid_argument", "a filter must be an object");
  }
  checkNames(filter, FILTER, "filter");
  return snakeOptions(filter);
}

function requireLimit(limit: number): void {
  if (limit === Infinity || (Number.isInteger(limit) && limit > 0)) return;
  throw new JobForgeError("invalid_argument", "limit must be an integer from 1");
}

/** Returns an error that states what was changed before it. */
function afterSome(thrown: unknown, { count, dryRun }: BulkResult): unknown {
  if (!(thrown instanceof JobForgeError) || dryRun || count === 0) return thrown;
  const message = `${thrown.message} (after ${count} jobs were changed: call again for the others)`;
  return new JobForgeError(thrown.code, message, thrown.extras);
}
