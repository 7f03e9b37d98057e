import type { Command } from "commander";
import { anyTenantOption, integer } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { UsageError } from "../usage_error.ts";
import { sheet, table } from "../table.ts";

type Row = Record<string, unknown>;

interface Verified {
  intact: boolean;
  problems: Row[];
  head: { seq: number; hash: string };
  next_seq: number | null;
  unsealed: number;
}

interface ListOptions {
  tenant?: string;
  limit: number;
}

interface VerifyOptions {
  knownSeq?: number;
  knownHash?: string;
}

const PAGE = 100_000;
const COLUMNS = ["id", "at", "role", "subject", "tenant_id", "action", "target", "detail"];

/** The command audit: the entries of the audit log, and whether it is intact. */
export function auditCommands(program: Command, act: Act): void {
  const audit = program.command("audit").description("list or verify the audit log");
  audit.command("list")
    .description("list entries, newest first")
    .addOption(anyTenantOption())
    .option("-n, --limit <entries>", "maximum number of entries", integer(1, 1000), 50)
    .action(act(list));
  audit.command("verify")
    .description("verify that no entry was changed (exit code 1 if one was)")
    .option(
      "--known-seq <number>",
      "sequence number of an earlier head",
      integer(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--known-hash <hash>", "hash of that head")
    .action(act(verify));
}

async function list(session: Session, { tenant, limit }: ListOptions): Promise<void> {
  const rows = await session.rows((api) => {
    const query = api.from("jobforge_audit_log").select(COLUMNS.join(","));
    const shown = tenant ? query.eq("tenant_id", tenant) : query;
    return shown.order("id", { ascending: false }).limit(limit);
  });
  session.show(rows, () => table(rows, COLUMNS));
}

async function verify(session: Session, { knownSeq, knownHash }: VerifyOptions): Promise<void> {
  if ((knownSeq === undefined) !== (knownHash === undefined)) {
    throw new UsageError("give --known-seq and --known-hash together");
  }
  const problems: Row[] = [];
  let after: number | null = 0;
  let last: Verified;
  do {
    last = await session.rpc<Verified>("jobforge_verify_audit", {
      ...{ p_after_seq: after, p_limit: PAGE },
      ...{ p_known_seq: knownSeq ?? null, p_known_hash: knownHash ?? null },
    });
    problems.push(...last.problems);
    after = last.next_seq;
    if (after !== null) session.progress(`${after} of ${last.head.seq} entries …`);
  } while (after !== null);
  const { head, unsealed } = last;
  const data = { intact: problems.length === 0, problems, head, unsealed };
  if (!data.intact) session.fail();
  session.show(data, () => {
    const facts = sheet({ intact: data.intact, head: `${head.seq} ${head.hash}`, unsealed });
    return data.intact ? facts : `${facts}\n\n${table(problems, Object.keys(problems[0]!))}`;
  });
}
