import type { Command } from "commander";
import { anyTenantOption, jsonObject, whole } from "../arguments.ts";
import type { Act } from "../command.ts";
import { UsageError } from "../session.ts";
import { sheet, table } from "../table.ts";

type Row = Record<string, unknown>;

interface Verified {
  intact: boolean;
  problems: Row[];
  head: { seq: number; hash: string };
  next_seq: number | null;
  unsealed: number;
}

interface VerifyOptions {
  knownSeq?: number;
  knownHash?: string;
}

const PAGE = 100_000;

/** alerts and audit: what went wrong, and who did what. */
export function alertCommands(program: Command, act: Act): void {
  const alerts = program.command("alerts").description("what the rules found");
  alerts.command("list", { isDefault: true })
    .description("open alerts")
    .option("--closed", "those that are over")
    .action(act(async (session, { closed }: { closed?: boolean }) => {
      const args = { p_open: closed !== true };
      const rows = await session.rpc<Row[]>("jobforge_alerts", args);
      const columns = ["severity", "rule", "subject", "tenant_id", "opened_at", "message"];
      session.show(rows, () => table(rows, closed ? [...columns, "closed_at"] : columns));
    }));
  alerts.command("configure <rule>")
    .description("change a rule, or with `delivery` where notices go")
    .requiredOption("--settings <json>", "what is left out stays", jsonObject)
    .action(act(async (session, rule: string, { settings }: { settings: Row }) => {
      const args = { p_rule: rule, p_settings: settings };
      const now = await session.rpc<Row>("jobforge_configure_alert", args);
      session.show(now, () => sheet(now));
    }));

  const audit = program.command("audit").description("who changed what");
  audit.command("list")
    .description("newest first")
    .addOption(anyTenantOption())
    .option("-n, --limit <entries>", "at most so many", whole(1, 1000), 50)
    .action(act(async (session, options: { tenant?: string; limit: number }) => {
      const columns = ["id", "at", "role", "subject", "tenant_id", "action", "target", "detail"];
      const rows = await session.rows((api) => {
        const query = api.from("jobforge_audit_log").select(columns.join(","));
        const shown = options.tenant ? query.eq("tenant_id", options.tenant) : query;
        return shown.order("id", { ascending: false }).limit(options.limit);
      });
      session.show(rows, () => table(rows, columns));
    }));
  audit.command("verify")
    .description("whether the log is what was recorded; exits with 1 if not")
    .option("--known-seq <number>", "a head noted before", whole(0, Number.MAX_SAFE_INTEGER))
    .option("--known-hash <hash>", "and its hash")
    .action(act(async (session, { knownSeq, knownHash }: VerifyOptions) => {
      if ((knownSeq === undefined) !== (knownHash === undefined)) {
        throw new UsageError("--known-seq and --known-hash belong together");
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
    }));
}
