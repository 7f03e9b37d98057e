import type { Command } from "commander";
import { integer, jsonObject, tenantOption, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { sheet, table } from "../table.ts";

interface OfTenant {
  tenant: string;
}

interface SetOptions extends OfTenant {
  url?: string;
  eventType?: string[];
  secret?: string;
  headers?: Record<string, unknown>;
  timeoutMs?: number;
}

interface PublishOptions extends OfTenant {
  data: Record<string, unknown>;
  eventId?: string;
}

type Row = Record<string, unknown>;

const LISTED = ["name", "url", "event_types", "status", "reason", "failures", "secrets"];
const DELIVERIES = [
  ...["job_id", "message_id", "event_type", "status", "attempts", "response_status", "error"],
  ...["last_attempt_at", "next_attempt_at"],
];

/** The commands publish and destinations: webhooks to the receivers of a tenant. */
export function destinationCommands(program: Command, act: Act): void {
  program.command("publish <event-type>")
    .description("send a message to the webhook destinations that subscribed to its type")
    .addOption(tenantOption())
    .option("--data <json>", "data of the message, as a JSON object", jsonObject, {})
    .option("--event-id <id>", "ID of the event: a repeat sends nothing")
    .action(act(async (session, type: string, { tenant, data, eventId }: PublishOptions) => {
      const [sent] = await session.rpc<Row[]>("jobforge_publish", {
        ...{ p_tenant_id: tenant, p_event_type: type, p_data: data, p_event_id: eventId ?? null },
      });
      session.show(sent, () => sheet(sent!));
    }));
  const destinations = program.command("destinations")
    .description("manage webhook destinations and their deliveries");
  addConfiguration(destinations, act);
  addDeliveries(destinations, act);
}

function addConfiguration(destinations: Command, act: Act): void {
  destinations.command("list")
    .description("list destinations with their state and the versions of their secrets")
    .addOption(tenantOption())
    .action(act(async (session, { tenant }: OfTenant) => {
      const args = { p_tenant_id: tenant };
      const rows = await session.rpc<Row[]>("jobforge_list_destinations", args);
      session.show(rows, () => table(rows, LISTED));
    }));
  destinations.command("set <name>")
    .description("create a destination, or change the given settings of one")
    .addOption(tenantOption())
    .option("--url <url>", "https URL of the receiver")
    .option("--event-type <type...>", "subscription: order.paid, order.* or *")
    .option("--secret <name>", "name of a secret in Vault (never a value)")
    .option("--headers <json>", "headers, as a JSON object", jsonObject)
    .option("--timeout-ms <ms>", "time for a request", integer(1_000, 30_000))
    .action(act(set));
  for (const [verb, paused] of [["pause", true], ["resume", false]] as const) {
    destinations.command(`${verb} <name>`)
      .description(paused ? "hold all messages" : "send what was held, and all messages again")
      .addOption(tenantOption())
      .action(act(async (session, name: string, { tenant }: OfTenant) => {
        await configure(session, tenant, name, { paused });
      }));
  }
  destinations.command("delete <name>")
    .description("delete a destination and its secret")
    .addOption(tenantOption())
    .action(act(async (session, name: string, { tenant }: OfTenant) => {
      await session.rpc("jobforge_delete_destination", { p_tenant_id: tenant, p_name: name });
      session.show({ deleted: name }, () => "deleted");
    }));
}

function addDeliveries(destinations: Command, act: Act): void {
  destinations.command("deliveries <name>")
    .description("list deliveries, newest first")
    .addOption(tenantOption())
    .option("-n, --limit <count>", "number of deliveries", integer(1, 100), 50)
    .option("--before <job>", "job ID of the last delivery of the page before", uuid)
    .action(act(async (session, name: string, options: OfTenant & Row) => {
      const rows = await session.rpc<Row[]>("jobforge_list_deliveries", {
        ...{ p_tenant_id: options.tenant, p_destination: name },
        ...{ p_before: options["before"] ?? null, p_limit: options["limit"] },
      });
      session.show(rows, () => table(rows, DELIVERIES));
    }));
  destinations.command("test <name>")
    .description("send a test event, also while the destination is paused")
    .addOption(tenantOption())
    .action(act(async (session, name: string, { tenant }: OfTenant) => {
      const args = { p_tenant_id: tenant, p_destination: name };
      const [sent] = await session.rpc<Row[]>("jobforge_send_test_event", args);
      session.show(sent, () => sheet(sent!));
    }));
  destinations.command("redeliver <name>")
    .argument("<message>", "message ID", uuid)
    .description("send a message again")
    .addOption(tenantOption())
    .action(act(async (session, name: string, message: string, { tenant }: OfTenant) => {
      const args = { p_tenant_id: tenant, p_destination: name, p_message_id: message };
      const [sent] = await session.rpc<Row[]>("jobforge_redeliver", args);
      session.show(sent, () => sheet(sent!));
    }));
  destinations.command("recover <name>")
    .description("send what a destination missed since a time")
    .addOption(tenantOption())
    .requiredOption("--since <time>", "time with an offset, such as 2026-01-12T09:00:00Z")
    .action(act(recover));
}

async function set(session: Session, name: string, options: SetOptions): Promise<void> {
  const settings = {
    ...{ url: options.url, event_types: options.eventType, secret: options.secret },
    ...{ headers: options.headers, timeout_ms: options.timeoutMs },
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  await configure(session, options.tenant, name, Object.fromEntries(given));
}

async function configure(session: Session, tenant: string, name: string, settings: Row) {
  const id = await session.rpc<string>("jobforge_configure_destination", {
    ...{ p_tenant_id: tenant, p_name: name, p_settings: settings },
  });
  session.show({ id }, () => sheet({ id }));
}

async function recover(
  session: Session,
  name: string,
  { tenant, since }: OfTenant & { since: string },
): Promise<void> {
  let sent = 0;
  for (let after: unknown = null, more = true; more; more = after !== null) {
    const [page] = await session.rpc<{ sent: number; next: string | null }[]>(
      "jobforge_recover_deliveries",
      { p_tenant_id: tenant, p_destination: name, p_since: since, p_after: after },
    );
    sent += page!.sent;
    after = page!.next;
    session.progress(`${sent} messages sent`);
  }
  session.show({ sent }, () => sheet({ sent }));
}
