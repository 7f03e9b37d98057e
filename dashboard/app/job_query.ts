import { JOB_STATUSES, type JobStatus } from "../../shared/core/job/job_row.ts";

/** The filter of a list of jobs, as it stands in the address. */
export interface JobQuery {
  status: JobStatus[];
  type: string;
  queue: string;
  error: string;
  tenant: string;
  /** Local times of a form, or ISO 8601. */
  after: string;
  before: string;
  /** The ID from which the page goes back. */
  from: string;
}

/** Reads the filter of an address. Unknown statuses are ignored. */
export function jobQuery(query: URLSearchParams): JobQuery {
  const text = (name: string) => query.get(name) ?? "";
  const named = text("status").split(",");
  return {
    status: JOB_STATUSES.filter((status) => named.includes(status)),
    type: text("type"),
    queue: text("queue"),
    error: text("error"),
    tenant: text("tenant"),
    after: text("after"),
    before: text("before"),
    from: text("from"),
  };
}

/** Returns the filter without the page, for addresses. */
export function filterQuery(query: JobQuery): Record<string, string> {
  const { status, from: _, ...texts } = query;
  const given = Object.entries({ status: status.join(","), ...texts });
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

/** Returns the filter in the form of the database. */
export function filterOf(query: JobQuery): Record<string, unknown> {
  const time = (text: string) => Number.isNaN(Date.parse(text)) ? undefined : isoTime(text);
  const given = Object.entries({
    status: query.status.length > 0 ? query.status : undefined,
    type: query.type || undefined,
    queue: query.queue || undefined,
    error_code: query.error || undefined,
    created_after: time(query.after),
    created_before: time(query.before),
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function isoTime(text: string): string {
  return new Date(text).toISOString();
}
