import {
  type Delivery as DeliveryRow,
  type Destination as DestinationRow,
  newSigningSecret,
  type SecretVersion as SecretVersionRow,
} from "../core/job/destination.ts";
import type { Calls } from "./calls.ts";
import { prefixed } from "./jobs.ts";
import { checkSendable } from "./payloads.ts";
import { type CallOptions, checkNames, snakeOptions } from "./options.ts";
import { type CamelRow, camelRow } from "./rows.ts";

/** A published message. */
export interface PublishedMessage {
  messageId: string;
  /** True when the event ID was published before. `messageId` is then the first message. */
  duplicate: boolean;
  /** To how many destinations it was sent. */
  deliveries: number;
}

/** Options of `publish`. */
export interface PublishOptions extends CallOptions {
  /** The same ID and data return the first message. Other data is rejected. */
  eventId?: string;
}

/** Settings of a webhook destination. Those that are left out stay, and null removes one. */
export interface DestinationSettings {
  url?: string;
  /** Event types such as `order.paid`, prefixes such as `order.*`, or `*`. */
  eventTypes?: string[] | null;
  headers?: Record<string, string> | null;
  timeoutMs?: number | null;
  /** Name of a secret from `jobforge_set_secret`. */
  secret?: string;
  paused?: boolean;
}

/** A version of a secret that signs for a destination. */
export type SecretVersion = CamelRow<SecretVersionRow>;

/** A webhook destination with its state. */
export type Destination = CamelRow<Omit<DestinationRow, "secrets">> & { secrets: SecretVersion[] };

/** A message on its way to a destination, or a repeat of one. */
export type Delivery = CamelRow<DeliveryRow>;

/** A page of deliveries, newest first. */
export interface DeliveryPage extends CallOptions {
  /** `jobId` of the last delivery of the page before. */
  before?: string;
  /** At most 100 (default: 50). */
  limit?: number;
}

const SETTINGS = ["url", "eventTypes", "headers", "timeoutMs", "secret", "paused"];
const OVERLAP_SECONDS = 86_400;

/** Sends a message to the destinations that subscribed to its type. */
export async function publish(
  calls: Calls,
  eventType: string,
  data: unknown,
  { eventId, ...call }: PublishOptions,
): Promise<PublishedMessage> {
  checkNames(call, ["signal", "eventId"], "option");
  checkSendable("the data", data);
  const args = { tenant_id: calls.tenantId, event_type: eventType, data, event_id: eventId };
  return await one(calls, "jobforge_publish", args, call);
}

/** The webhook destinations of the tenant. */
export class Destinations {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async list(options: CallOptions = {}): Promise<Destination[]> {
    checkNames(options, ["signal"], "option");
    const args = prefixed({ tenant_id: this.#calls.tenantId });
    const rows = await this.#calls.rows<DestinationRow>(
      "jobforge_list_destinations",
      args,
      options,
    );
    return rows.map((row) => ({
      ...camelRow<Destination>(row),
      secrets: row.secrets.map((secret) => camelRow<SecretVersion>(secret)),
    }));
  }

  /** Creates a destination, or changes the given settings of the one with this name. */
  async configure(
    name: string,
    settings: DestinationSettings,
    options: CallOptions = {},
  ): Promise<string> {
    checkNames(settings, SETTINGS, "setting");
    const args = { name, settings: snakeOptions(settings) };
    return await this.#value("jobforge_configure_destination", args, options);
  }

  /** Returns the new secret. No function of the database returns it again. */
  async create(
    name: string,
    settings: Omit<DestinationSettings, "secret">,
    options: CallOptions = {},
  ): Promise<{ id: string; secret: string }> {
    // The name is new, so that no other secret is replaced.
    const stored = `webhook-${crypto.randomUUID()}`;
    const secret = newSigningSecret(crypto.getRandomValues(new Uint8Array(32)));
    await this.#value("jobforge_set_secret", { name: stored, value: secret }, options);
    try {
      return { id: await this.configure(name, { ...settings, secret: stored }, options), secret };
    } catch (thrown) {
      await this.#value("jobforge_revoke_secret", { name: stored }, {}).catch(() => {});
      throw thrown;
    }
  }

  /**
   * Returns the new secret. The ones before sign as well until the overlap has ended, in
   * `overlapSeconds` (default: one day).
   */
  async rotateSecret(
    name: string,
    { overlapSeconds = OVERLAP_SECONDS, ...call }: CallOptions & { overlapSeconds?: number } = {},
  ): Promise<string> {
    checkNames(call, ["signal", "overlapSeconds"], "option");
    const secret = newSigningSecret(crypto.getRandomValues(new Uint8Array(32)));
    const args = { destination: name, value: secret, overlap_seconds: overlapSeconds };
    await this.#value("jobforge_rotate_destination_secret", args, call);
    return secret;
  }

  async delete(name: string, options: CallOptions = {}): Promise<void> {
    await this.#value("jobforge_delete_destination", { name }, options);
  }

  async sendTestEvent(
    name: string,
    options: CallOptions = {},
  ): Promise<{ messageId: string; jobId: string }> {
    return await this.#one("jobforge_send_test_event", { destination: name }, options);
  }

  async listDeliveries(
    name: string,
    { before, limit = 50, ...call }: DeliveryPage = {},
  ): Promise<Delivery[]> {
    checkNames(call, ["signal", "before", "limit"], "option");
    const { tenantId } = this.#calls;
    const args = prefixed({ tenant_id: tenantId, destination: name, before, limit });
    const rows = await this.#calls.rows<object>("jobforge_list_deliveries", args, call);
    return rows.map((row) => camelRow<Delivery>(row));
  }

  /** Sends a message again, under its ID. */
  async redeliver(
    name: string,
    messageId: string,
    options: CallOptions = {},
  ): Promise<{ jobId: string; duplicate: boolean }> {
    const args = { destination: name, message_id: messageId };
    return await this.#one("jobforge_redeliver", args, options);
  }

  /** Sends what a destination missed since a time. Returns how many messages were sent. */
  async recover(name: string, since: Date | string, options: CallOptions = {}): Promise<number> {
    const given = snakeOptions({ destination: name, since });
    let sent = 0;
    let after: string | undefined;
    do {
      const page: { sent: number; next: string | null } = await this.#one(
        "jobforge_recover_deliveries",
        { ...given, after },
        options,
      );
      sent += page.sent;
      after = page.next ?? undefined;
    } while (after !== undefined);
    return sent;
  }

  async #value<Data>(name: string, given: object, options: CallOptions): Promise<Data> {
    checkNames(options, ["signal"], "option");
    const args = prefixed({ tenant_id: this.#calls.tenantId, ...given });
    return await this.#calls.value(name, args, options);
  }

  async #one<Row>(name: string, given: object, options: CallOptions): Promise<Row> {
    checkNames(options, ["signal"], "option");
    return await one(this.#calls, name, { tenant_id: this.#calls.tenantId, ...given }, options);
  }
}

async function one<Row>(
  calls: Calls,
  name: string,
  given: Record<string, unknown>,
  options: CallOptions,
): Promise<Row> {
  const [row] = await calls.rows<object>(name, prefixed(given), options, { expected: 1 });
  return camelRow<Row>(row!);
}
