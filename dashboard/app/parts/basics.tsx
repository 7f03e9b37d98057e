import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { JobStatus } from "../../../shared/core/job/job_row.ts";
import { useDashboard } from "../context.ts";
import { clockTime, relative, shortId, visible } from "../format.ts";
import type { JobError } from "../rows.ts";

/** A link within the view. */
export function Link({ to, children, class: style, current }: {
  to: string;
  children: ComponentChildren;
  class?: string;
  current?: boolean;
}) {
  const { router } = useDashboard();
  const href = router.href(to);
  const follow = (event: MouseEvent) => {
    if (href !== "#") return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a href={href} class={style} onClick={follow} aria-current={current ? "page" : undefined}>
      {children}
    </a>
  );
}

/** A time as how long ago it was, with the full time in its title. */
export function Time({ at }: { at: string | null | undefined }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span class="quiet">–</span>;
  return <time dateTime={at} title={clockTime(at)}>{relative(at, now)}</time>;
}

/** The status of a job, by word and color. */
export function Status({ job }: {
  job: { status: JobStatus; cancel_requested_at?: string | null };
}) {
  const word = job.status === "running" && job.cancel_requested_at ? "canceling" : job.status;
  return <span class={`status ${word}`}>{word}</span>;
}

/** A foreign text: shown whole, in its own direction, without hidden characters. */
export function Foreign({ text }: { text: string }) {
  return <bdi dir="ltr">{visible(text)}</bdi>;
}

/** The error of an attempt. */
export function ErrorText({ error }: { error: JobError }) {
  return (
    <>
      <code>{visible(error.code)}</code> <Foreign text={error.message} />
    </>
  );
}

/** A shortened ID, with the whole one in its title. */
export function Id({ of }: { of: string }) {
  return <code title={of}>{shortId(of)}</code>;
}

/** A job's ID with a link to its page. */
export function JobLink({ tenant, id }: { tenant: string; id: string }) {
  return (
    <Link to={`/jobs/${tenant}/${id}`}>
      <Id of={id} />
    </Link>
  );
}

/** A column of a table. On narrow screens `title` stands beside each value. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  number?: boolean;
}

/** Rows as a table, or as cards on narrow screens. */
export function Table<Row>({ caption, columns, rows, keyOf }: {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string | number;
}) {
  return (
    <table>
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col" class={column.number ? "number" : undefined}>{column.title}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td data-title={column.title} class={column.number ? "number" : undefined}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
