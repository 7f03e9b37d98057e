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
const STATUSES: Record<keyof typeof KINDS, JobStatus[]> = {
  retry: ["dead", "failed", "canceled"],
  cancel: ["queued", "running"],
};
const CHOSEN: Record<keyof typeof KINDS, JobStatus[]> = {
  retry: ["dead", "failed"],
  cancel: ["queued"],
};

interface Found {
  bulk: Bulk;
  kind: keyof typeof KINDS;
  counted: Counted;
}

/** Redrives or cancels jobs by filter: counted first, then changed. */
export function BulkPage() {
  const { api } = useDashboard();
  const { query } = useRoute();
  const given = (name: string) => query.get(name) ?? "";
  const [kind, setKind] = useState<keyof typeof KINDS>("retry");
  const [found, setFound] = useState<Found>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [done, setDone] = useState<string>();

  const look = async (event: SubmitEvent) => {
    event.preventDefault();
    const bulk = bulkOf(kind, new FormData(event.currentTarget as HTMLFormElement));
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
    setDone(
      `${jobs(changed.count)} ${KINDS[kind].done}` +
        (changed.skipped > 0 ? `; ${count(changed.skipped)} were busy and left out.` : "."),
    );
    setFound(undefined);
  };
  return (
    <main>
      <h1>Retry and cancel</h1>
      <div class="bar-of-choices" role="group" aria-label="What to do">
        {(["retry", "cancel"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === kind}
            onClick={() => (setKind(each), setFound(undefined), setDone(undefined))}
          >
            {KINDS[each].verb}
          </button>
        ))}
      </div>
      <form key={kind} class="filters" onSubmit={look} aria-label="Which jobs">
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
        {api.operator && <Field label="Tenant id" name="tenant" value={given("tenant")} required />}
        <Field label="Type" name="type" value={given("type")} />
        <Field label="Queue" name="queue" value={given("queue")} />
        <Field label="Error code" name="error" value={given("error")} />
        <Field label="Enqueued from" name="after" type="datetime-local" />
        <Field label="Enqueued before" name="before" type="datetime-local" />
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>Count</button>
        </div>
      </form>
      {busy && <p role="status">Counting …</p>}
      {Boolean(error) && <Failure error={error} />}
      {done && <p role="status">{done}</p>}
      {found && <FoundJobs found={found} change={() => change(found)} />}
    </main>
  );
}

function FoundJobs({ found, change }: { found: Found; change: () => Promise<void> }) {
  const { verb } = KINDS[found.kind];
  const { count: number, complete, sample } = found.counted;
  const words = `${complete ? "" : "at least "}${jobs(number)}`;
  if (number === 0) return <Empty>No job passes this filter.</Empty>;
  return (
    <section>
      <p role="status">
        {words} would be changed. Nothing has been changed yet.
      </p>
      <Table
        caption="The first of them"
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
        danger={found.kind === "cancel"}
        run={change}
      >
        <p>
          {found.kind === "retry"
            ? "Each gets a fresh set of attempts. The audit log keeps the filter and the number."
            : "Queued ones never run; running ones are told to stop. The audit log keeps the filter and the number."}
        </p>
      </Asking>
    </section>
  );
}

function bulkOf(kind: keyof typeof KINDS, form: FormData): Bulk {
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
