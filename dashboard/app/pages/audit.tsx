import { useState } from "preact/hooks";
import { useDashboard, useLive, useRoute } from "../context.ts";
import { count } from "../format.ts";
import { address } from "../route.ts";
import { Foreign, Id, Link, Table, Time } from "../parts/basics.tsx";
import { Empty, Failure, Loaded } from "../parts/states.tsx";
import { Tree } from "../parts/tree.tsx";
import type { AuditEntry } from "../rows.ts";
import { TenantFilter } from "./queues.tsx";

const LIVE_MS = 5_000;
const PAGE = 50;

interface Verdict {
  intact: boolean;
  problems: { seq: number | null; entry_id: number | null; problem: string }[];
  head: { seq: number; hash: string };
  next_seq: number | null;
}

/** The audit log, newest first. */
export function AuditPage() {
  const { api } = useDashboard();
  const { query } = useRoute();
  const tenant = query.get("tenant") ?? "";
  const before = query.get("before") ?? "";
  const entries = useLive(
    `audit ${tenant} ${before}`,
    () =>
      api.read<AuditEntry>("audit", {
        ...(tenant ? { tenant } : {}),
        ...(before ? { before } : {}),
      }),
    before ? 0 : LIVE_MS,
  );
  return (
    <main>
      <h1>Audit log</h1>
      {api.operator && <Verify />}
      {api.operator && <TenantFilter key={tenant} page="/audit" tenant={tenant} />}
      <Loaded of={entries} rows={10}>
        {(rows) => (
          <>
            {rows.length === 0 ? <Empty>No changes yet.</Empty> : <Entries rows={rows} />}
            <nav class="pages" aria-label="Pages">
              {before && <Link to={address("/audit", { tenant })}>Newest</Link>}
              {rows.length === PAGE && (
                <Link to={address("/audit", { tenant, before: String(rows.at(-1)!.id) })}>
                  Older
                </Link>
              )}
            </nav>
          </>
        )}
      </Loaded>
    </main>
  );
}

function Entries({ rows }: { rows: AuditEntry[] }) {
  return (
    <Table
      caption="Changes, newest first"
      rows={rows}
      keyOf={(entry) => entry.id}
      columns={[
        { title: "When", cell: (entry) => <Time at={entry.at} /> },
        { title: "Action", cell: (entry) => entry.action },
        { title: "Target", cell: (entry) => <Foreign text={entry.target ?? "–"} /> },
        { title: "Actor", cell: (entry) => <Foreign text={entry.subject ?? entry.role} /> },
        {
          title: "Tenant",
          cell: (entry) =>
            entry.tenant_id ? <Id of={entry.tenant_id} /> : <span class="quiet">–</span>,
        },
        {
          title: "Detail",
          cell: (entry) =>
            entry.detail === null ? <span class="quiet">–</span> : (
              <div class="value">
                <Tree value={entry.detail} depth={2} />
              </div>
            ),
        },
      ]}
    />
  );
}

function Verify() {
  const { api } = useDashboard();
  const [verdict, setVerdict] = useState<Verdict>();
  const [error, setError] = useState<unknown>();
  const verify = async () => {
    setError(undefined);
    try {
      setVerdict(await api.call<Verdict>("jobforge_verify_audit"));
    } catch (thrown) {
      setError(thrown);
    }
  };
  return (
    <section>
      <div class="buttons">
        <button type="button" onClick={verify}>Verify the chain</button>
        {verdict && <p role="status">{wordsOf(verdict)}</p>}
      </div>
      {Boolean(error) && <Failure error={error} />}
    </section>
  );
}

function wordsOf({ intact, problems, head, next_seq }: Verdict): string {
  if (!intact) return `Not intact: ${problems[0]?.problem} (${count(problems.length)} problems).`;
  const through = next_seq === null ? head.seq : next_seq;
  return `Intact through entry ${count(through)}. Head ${head.hash.slice(0, 16)}…`;
}
