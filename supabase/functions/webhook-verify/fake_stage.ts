import type {
  WebhookEndpoint,
  WebhookEndpoints,
} from "../../../shared/adapters/data_api/webhook_endpoints.ts";
import type { LogFields } from "../../../shared/core/log/log_record.ts";
import { NOW, SENDERS, type Sent } from "../../../shared/core/webhook/fake_senders.ts";
import type { SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { createApp } from "./app.ts";
import { LargeBodies } from "./large_bodies.ts";
import type { WebhookDeps } from "./ports.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
/** The ID of an endpoint. */
export const ID = "0190b7c2-0000-4000-8000-000000000001";
/** The ID of another one. */
export const OTHER_ID = "0190b7c2-0000-4000-8000-000000000002";

/** Returns an endpoint of a scheme with the secret of its sender. */
export function endpointOf(scheme: SchemeName): WebhookEndpoint {
  const { secret, signature, url } = SENDERS[scheme];
  const toleranceSeconds = 300;
  const secrets = [{ value: secret }];
  return {
    ...{ tenantId: TENANT, name: "incoming", scheme, signature, toleranceSeconds, url, secrets },
    keepBody: false,
  };
}

/** What reached the endpoints in memory. */
interface Received {
  id: string;
  replayKey: string;
  payload: unknown;
  traceparent: string;
  body: Uint8Array | undefined;
}

/** webhook-verify on endpoints in memory, with what reached them. */
export function stage(
  endpoints: Record<string, WebhookEndpoint>,
  changes: Partial<WebhookEndpoints> = {},
  more: Partial<WebhookDeps> = {},
) {
  const asked: string[] = [];
  const received: Received[] = [];
  const logged: [string, LogFields][] = [];
  const refused: string[] = [];
  const app = createApp({
    refusals: { add: (id) => void refused.push(id) },
    endpoints: {
      find: (id) => (asked.push(id), Promise.resolve(endpoints[id])),
      receive: (id, replayKey, payload, traceparent, body) => {
        const duplicate = received.some((each) => each.id === id && each.replayKey === replayKey);
        received.push({ id, replayKey, payload, traceparent, body });
        return Promise.resolve({ job_id: `job of ${replayKey}`, duplicate });
      },
      ...changes,
    },
    secretsOf: ({ secrets }) => secrets.map((secret) => "value" in secret ? secret.value : ""),
    largeBodies: new LargeBodies(4),
    bodyDeadline: () => new AbortController().signal,
    nowSeconds: () => NOW,
    randomTraceBytes: () => new Uint8Array(24).fill(1),
    log: { write: (_, event, fields) => void logged.push([event, fields]) },
    ...more,
  });
  const post = (sent: Partial<Sent>, id = ID) =>
    app.request(`/webhook-verify/${id}${sent.query ? `?${sent.query}` : ""}`, {
      method: sent.method ?? "POST",
      headers: sent.headers ?? {},
      ...(sent.method === "GET" ? {} : { body: sent.body ?? "" }),
    });
  return { app, asked, received, refused, logged, post };
}

/** Returns a typical request of a sender. */
export function sample(
  scheme: SchemeName,
  changes: { secret?: string; seconds?: number } = {},
): Sent {
  const sender = SENDERS[scheme];
  return sender.send(changes.secret ?? sender.secret, sender.sample, changes.seconds);
}
