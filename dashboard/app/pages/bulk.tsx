import { useState } from "preact/hooks";
import type { JobStatus } from "../../../shared/core/job/job_row.ts";
import { useDashboard, useRoute } from "../context.ts";
import { count, jobs } from "../format.ts";
import { type Bulk, changeAll, countAll, type Counted } from "../bulk.ts";
import { Asking, Field } from "../parts/actions.tsx";
import { Foreign, JobLink, Status, Table } from "../parts/basics.tsx";
import { Empty, Failure } from "../parts/states.tsx";

const KINDS = {
  retry: { call: "jobforge_retry_jobs", verb: "Retry", done: "retried" },
  cancel: { call: "jobforge_cancel_jobs", verb: "Cancel", done: "canceled" },
} as const;

/** A change of many jobs. */
type Kind = keyof typeof KINDS;

const STATUSES: Record<Kind, JobStatus[]> = {
  retry: ["dead", "failed", "canceled"],
  cancel: ["scheduled", "queued", "running"],
};
const CHOSEN: Record<Kind, JobStatus[]> = {
  retry: ["dead", "failed"],
  cancel: ["scheduled", "queued"],
};

interface Found {
  bulk: Bulk;
  kind: Kind;
  counted: Counted;
}

/** Jobs to retry or cancel by filter: counted first, then changed. */
export function BulkPage() {
  const { api } = useDashboard();
  const [kind, setKind] = useState<Kind>("retry");
  const [found, setFound] = useState<Found>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [done, setDone] = useState<string>();

  const choose = (chosen: Kind) => {
    setKind(chosen);
    setFound(undefined);
    setDone(undefined);
  };
  const countJobs = async (bulk: Bulk) => {
    setFound(undefined);
    setDone(undefined);
    setError(undefined);
    setBusy(true);
    try {
      setFound({ bulk, kind, counted: await countAll(api, bulk) });
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  const change = async ({ bulk, kind }: Found) => {
    const changed = await changeAll(api, bulk);
    const skipped = changed.skipped > 0 ? ` ${count(changed.skipped)} busy jobs were skipped.` : "";
    setDone(`${jobs(changed.count)} ${KINDS[kind].done}.${skipped}`);
    setFound(undefined);
  };
  return (
    <main>
      <h1>Retry and cancel</h1>
      <div class="bar-of-choices" role="group" aria-label="Action">
        {(["retry", "cancel"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === kind}
            onClick={() => choose(each)}
          >
            {KINDS[each].verb}
          </button>
        ))}
      </div>
      <BulkForm key={kind} kind={kind} busy={busy} submit={countJobs} />
      {busy && <p role="status">Counting …</p>}
      {Boolean(error) && <Failure error={error} />}
      {done && <p role="status">{done}</p>}
      {found && <FoundJobs found={found} change={() => change(found)} />}
    </main>
  );
}

function BulkForm({ kind, busy, submit }: {
  kind: Kind;
  busy: boolean;
  submit: (bulk: Bulk) => Promise<void>;
}) {
  const { api } = useDashboard();
  const { query } = useRoute();
  const given = (name: string) => query.get(name) ?? "";
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    return submit(bulkOf(kind, new FormData(event.currentTarget as HTMLFormElement)));
  };
  return (
    <form class="filters" onSubmit={onSubmit} aria-label="Filter">
      <fieldset>
        <legend>Status</legend>
        {STATUSES[kind].map((status) => (
          <label key={status} class="choice">
            <input
              type="checkbox"
              name="status"
              value={status}
              defaultChecked={CHOSEN[kind].includes(status)}
            />
            {status}
          </label>
        ))}
      </fieldset>
      {api.operator && <Field label="Tenant ID" name="tenant" value={given("tenant")} required />}
      <Field label="Type" name="type" value={given("type")} />
      <Field label="Queue" name="queue" value={given("queue")} />
      <Field label="Error code" name="error" value={given("error")} />
      <Field label="Enqueued from" name="after" type="datetime-local" />
      <Field label="Enqueued before" name="before" type="datetime-local" />
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>Count</button>
      </div>
    </form>
  );
}

function FoundJobs({ found, change }: { found: Found; change: () => Promise<void> }) {
  const { verb } = KINDS[found.kind];
  const { count: number, complete, sample } = found.counted;
  const words = `${complete ? "" : "at least "}${jobs(number)}`;
  if (number === 0) return <Empty>No job matches this filter.</Empty>;
  return (
    <section>
      <p role="status">
        {words} would be changed. Nothing has been changed yet.
      </p>
      <Table
        caption="First matches"
        rows={sample}
        keyOf={(job) => job.id}
        columns={[
          {
            title: "Job",
            cell: (job) =>
              found.bulk.tenant
                ? <JobLink tenant={found.bulk.tenant} id={job.id} />
                : <code>{job.id}</code>,
          },
          { title: "Status", cell: (job) => <Status job={job} /> },
          { title: "Type", cell: (job) => job.type },
          { title: "Queue", cell: (job) => job.queue },
          { title: "Error", cell: (job) => <Foreign text={job.error_code ?? "–"} /> },
        ]}
      />
      <Asking
        label={`${verb} ${words}`}
        title={`${verb} ${words}?`}
        confirm={`${verb} ${words}`}
        {...(found.kind === "cancel" ? { danger: true, dismiss: "Keep jobs" } : {})}
        run={change}
      >
        <p>
          {found.kind === "retry"
            ? "Each job gets a fresh set of attempts."
            : "Waiting jobs will not run. Workers abort running jobs at the next heartbeat."}{" "}
          The audit log records the filter and the number of jobs.
        </p>
      </Asking>
    </section>
  );
}

function bulkOf(kind: Kind, form: FormData): Bulk {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const time = (name: string) => text(name) && new Date(text(name)).toISOString();
  const filter = {
    status: form.getAll("status").map(String),
    ...(text("type") ? { type: text("type") } : {}),
    ...(text("queue") ? { queue: text("queue") } : {}),
    ...(text("error") ? { error_code: text("error") } : {}),
    ...(text("after") ? { created_after: time("after") } : {}),
    ...(text("before") ? { created_before: time("before") } : {}),
  };
  return { call: KINDS[kind].call, tenant: text("tenant") || undefined, filter };
}
