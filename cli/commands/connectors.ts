import type { Command } from "commander";
import { anyTenantOption, jsonObject, tenantOption } from "../arguments.ts";
import type { Act } from "../command.ts";
import { sheet, table } from "../table.ts";

interface SetOptions {
  tenant: string;
  config: Record<string, unknown>;
  secret: string[];
  disabled?: boolean;
}

const LISTED = ["id", "tenant_id", "connector", "name", "enabled", "disabled_reason", "config"];

/** The command connectors: hosts that jobs may call, and endpoints for webhooks. */
export function connectorCommands(program: Command, act: Act): void {
  const connectors = program.command("connectors")
    .description("manage the hosts jobs may call and the endpoints for webhooks");
  connectors.command("list")
    .description("list configurations")
    .addOption(anyTenantOption())
    .action(act(async (session, { tenant }: { tenant?: string }) => {
      const rows = await session.rows((api) => {
        const query = api.from("jobforge_connector_configs").select(LISTED.join(","));
        const shown = tenant ? query.eq("tenant_id", tenant) : query;
        return shown.order("id", { ascending: true }).limit(1000);
      });
      session.show(rows, () => table(rows, LISTED));
    }));
  connectors.command("set <connector> <name>")
    .description("create or replace a configuration, such as connector.webhook.deliver orders")
    .addOption(tenantOption())
    .requiredOption("--config <json>", "settings, as a JSON object", jsonObject)
    .option("--secret <reference...>", "secret reference, such as vault:orders (never a value)", [])
    .option("--disabled", "disable the configuration")
    .action(act(async (session, connector: string, name: string, options: SetOptions) => {
      const id = await session.rpc<string>("jobforge_configure_connector", {
        ...{ p_tenant_id: options.tenant, p_connector: connector, p_name: name },
        ...{ p_config: options.config, p_secret_refs: options.secret },
        p_enabled: options.disabled !== true,
      });
      session.show({ id }, () => sheet({ id }));
    }));
  connectors.command("delete <connector> <name>")
    .description("delete a configuration")
    .addOption(tenantOption())
    .action(act(async (session, connector: string, name: string, options: { tenant: string }) => {
      await session.rpc("jobforge_delete_connector", {
        ...{ p_tenant_id: options.tenant, p_connector: connector, p_name: name },
      });
      session.show({ deleted: name }, () => "deleted");
    }));
}
