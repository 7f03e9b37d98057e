import type { Command } from "commander";
import { jsonObject } from "../arguments.ts";
import type { Act } from "../command.ts";
import { sheet, table } from "../table.ts";

type Row = Record<string, unknown>;

/** The command alerts: open and closed alerts, and their rules. */
export function alertCommands(program: Command, act: Act): void {
  const alerts = program.command("alerts").description("list alerts, or configure alert rules");
  alerts.command("list", { isDefault: true })
    .description("list open alerts")
    .option("--closed", "list closed alerts instead")
    .action(act(async (session, { closed }: { closed?: boolean }) => {
      const args = { p_open: closed !== true };
      const rows = await session.rpc<Row[]>("jobforge_alerts", args);
      const columns = ["severity", "rule", "subject", "tenant_id", "opened_at", "message"];
      session.show(rows, () => table(rows, closed ? [...columns, "closed_at"] : columns));
    }));
  alerts.command("configure <rule>")
    .description("configure a rule, or with `delivery` the target of alert notifications")
    .requiredOption("--settings <json>", "settings to change, as a JSON object", jsonObject)
    .action(act(async (session, rule: string, { settings }: { settings: Row }) => {
      const args = { p_rule: rule, p_settings: settings };
      const now = await session.rpc<Row>("jobforge_configure_alert", args);
      session.show(now, () => sheet(now));
    }));
}
