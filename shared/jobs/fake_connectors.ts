import type { OpenedDelivery, ReportedAttempt } from "../adapters/data_api/connector_api.ts";
import type { EgressRequest, EgressResponse } from "../adapters/egress/egress.ts";
import type { EgressPolicy } from "../core/egress/policy.ts";
import type { ConnectorDeps } from "./connector_call.ts";

/** The calls of connectors, in order. */
export interface FakeConnectors extends ConnectorDeps {
  opened: { tenantId: string; connector: string; name: string; host: string | undefined }[];
  sent: { request: EgressRequest; policy: EgressPolicy }[];
  closed: { tenantId: string; host: string; ms: number }[];
  reported: (ReportedAttempt & { tenantId: string })[];
  /** The signals that opening and sending were given. */
  signals: AbortSignal[];
}

/**
 * Creates the dependencies of a connector for handler tests: the opened configuration and the
 * answers of the host.
 */
export function fakeConnectors(
  connector: Partial<OpenedDelivery> | Error = {},
  answer: Partial<EgressResponse> | Error = {},
): FakeConnectors {
  const opened = () =>
    connector instanceof Error ? Promise.reject(connector) : Promise.resolve({
      ...{ id: "00000000-0000-4000-8000-000000000001", config: {}, enabled: true },
      ...{ secrets: [], closed_ms: null, paused: null, message: null, ...connector },
    });
  const fake: FakeConnectors = {
    ...{ opened: [], sent: [], closed: [], reported: [], signals: [] },
    connectors: {
      open(tenantId, kind, name, host, signal) {
        fake.signals.push(signal);
        fake.opened.push({ tenantId, connector: kind, name, host });
        return opened();
      },
      openDelivery(tenantId, { destination: name }, signal) {
        fake.signals.push(signal);
        const kind = "connector.webhook.deliver";
        fake.opened.push({ tenantId, connector: kind, name, host: undefined });
        return opened();
      },
      closeHost: (tenantId, host, ms) =>
        Promise.resolve(void fake.closed.push({ tenantId, host, ms })),
      reportDelivery: (tenantId, attempt) =>
        Promise.resolve(void fake.reported.push({ tenantId, ...attempt })),
    },
    egress(request, policy, signal) {
      fake.signals.push(signal);
      fake.sent.push({ request, policy });
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({
        ...{ status: 200, headers: {}, body: new Uint8Array(), truncated: false },
        ...{ retryAfterMs: undefined, redirects: 0, ...answer },
      });
    },
    resolveSecrets: (_tenantId, sources) =>
      sources.map((source) => "value" in source ? source.value : source.ref),
    random: () => 0,
  };
  return fake;
}
