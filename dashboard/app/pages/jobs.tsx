import { useState } from "preact/hooks";
import { JOB_STATUSES } from "../../../shared/core/job/job_row.ts";
import { address } from "../route.ts";
import { useDashboard, useLive, useRoute } from "../context.ts";
import { clockTime, timeOfId } from "../format.ts";
import { filterOf, filterQuery, type JobQuery, jobQuery } from "../job_query.ts";
import { Field } from "../parts/actions.tsx";
import { Foreign, Id, JobLink, Link, Status, Table, Time } from "../parts/basics.tsx";
import { Empty, Failure, Loaded } from "../parts/states.tsx";
import type { JobPage, ListedJob } from "../rows.ts";

const PAGE = 50;
const LIVE_MS = 5_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Jobs by filter, newest first. The first page is live. */
export function JobsPage() {
  const { api } = useDashboard();
  const query = jobQuery(useRoute().query);
  const args = {
    ...(query.tenant ? { p_tenant_id: query.tenant } : {}),
    ...(query.from ? { p_from: query.from } : {}),
    p_filter: filterOf(query),
    p_limit: PAGE,
  };
  const page = useLive(
    `jobs ${JSON.stringify(args)}`,
    () => api.call<JobPage>("jobforge_list_jobs", args),
    query.from ? 0 : LIVE_MS,
  );
  return (
    <main>
      <h1>Jobs</h1>
      <FindById />
      <Filters key={JSON.stringify(filterQuery(query))} query={query} />
      <Loaded of={page} rows={12}>{(value) => <Jobs page={value} query={query} />}</Loaded>
    </main>
  );
}

function Jobs({ page, query }: { page: JobPage; query: JobQuery }) {
  const { api } = useDashboard();
  return (
    <>
      {page.jobs.length > 0 && (
        <Table
          caption="Jobs, newest first"
          rows={page.jobs}
          keyOf={(job: ListedJob) => job.id}
          columns={[
            { title: "Job", cell: (job) => <JobLink tenant={job.tenant_id} id={job.id} /> },
            { title: "Status", cell: (job) => <Status job={job} /> },
            { title: "Type", cell: (job) => job.type },
            { title: "Queue", cell: (job) => job.queue },
            ...(api.operator
              ? [{ title: "Tenant", cell: (job: ListedJob) => <Id of={job.tenant_id} /> }]
              : []),
            {
              title: "Attempts",
              cell: (job) => `${job.attempts}/${job.max_attempts}`,
              number: true,
            },
            { title: "Error", cell: (job) => <Foreign text={job.error_code ?? "–"} /> },
            { title: "Enqueued", cell: (job) => <Time at={job.created_at} /> },
          ]}
        />
      )}
      {page.jobs.length === 0 && <Empty>{emptyWords(page, query)}</Empty>}
      <nav class="pages" aria-label="Pages">
        {query.from && <Link to={address("/jobs", filterQuery(query))}>Newest</Link>}
        {page.next && (
          <Link to={address("/jobs", { ...filterQuery(query), from: page.next })}>
            {page.jobs.length < PAGE ? "Search further back" : "Older"}
          </Link>
        )}
        <Link to={address("/bulk", bulkQuery(query))}>Retry or cancel by filter</Link>
      </nav>
    </>
  );
}

function bulkQuery({ tenant, type, queue, error }: JobQuery): Record<string, string> {
  return { tenant, type, queue, error };
}

function emptyWords(page: JobPage, query: JobQuery): string {
  if (page.next) {
    return `No job enqueued since ${clockTime(timeOfId(page.next))} matches this filter.`;
  }
  const filtered = Object.keys(filterQuery(query)).length > 0;
  if (query.from) return "No older jobs.";
  return filtered ? "No job matches this filter." : "No jobs yet. Enqueue one and it appears here.";
}

function Filters({ query }: { query: JobQuery }) {
  const { api, router } = useDashboard();
  const apply = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    router.go(address("/jobs", {
      status: form.getAll("status").join(","),
      type: text("type"),
      queue: text("queue"),
      tenant: text("tenant"),
      error: text("error"),
      after: text("after"),
      before: text("before"),
    }));
  };
  return (
    <form class="filters" onSubmit={apply} aria-label="Filter">
      <fieldset>
        <legend>Status</legend>
        {JOB_STATUSES.map((status) => (
          <label class="choice">
            <input
              type="checkbox"
              name="status"
              value={status}
              defaultChecked={query.status.includes(status)}
            />
            {status}
          </label>
        ))}
      </fieldset>
      <Field label="Type" name="type" value={query.type} />
      <Field label="Queue" name="queue" value={query.queue} />
      <Field label="Error code" name="error" value={query.error} />
      {api.operator && <Field label="Tenant ID" name="tenant" value={query.tenant} />}
      <Field label="Enqueued from" name="after" type="datetime-local" value={query.after} />
      <Field label="Enqueued before" name="before" type="datetime-local" value={query.before} />
      <div class="buttons">
        <button type="submit" class="primary">Filter</button>
        <Link to="/jobs" class="button">Clear</Link>
      </div>
    </form>
  );
}

/**
 * A search by ID. IDs sort by time, so the newest job not younger than the ID is the job itself, or
 * there is none.
 */
function FindById() {
  const { api, router } = useDashboard();
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState<string>();
  const find = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const id = String(form.get("id") ?? "").trim().toLowerCase();
    setError(undefined);
    setMissing(undefined);
    if (!UUID.test(id)) return setMissing("A job ID must be a UUID.");
    try {
      const { jobs: [job] } = await api.call<JobPage>("jobforge_list_jobs", {
        p_from: id,
        p_limit: 1,
      });
      if (job?.id === id) router.go(`/jobs/${job.tenant_id}/${job.id}`);
      else setMissing("There is no such job.");
    } catch (thrown) {
      setError(thrown);
    }
  };
  return (
    <form class="find" onSubmit={find} role="search" aria-label="Find a job by its ID">
      <Field label="Job ID" name="id" placeholder="01a2039b-…" />
      <button type="submit">Find</button>
      {missing && <p role="status">{missing}</p>}
      {Boolean(error) && <Failure error={error} />}
    </form>
  );
}
