import { newSigningSecret } from "../../shared/core/job/destination.ts";
import type { Api } from "./api.ts";

/** What every call about one tenant's destinations names. */
export type OfTenant = { p_tenant_id?: string };

/** Returns the event types of a text, separated by blanks or commas. */
export function eventTypesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/**
 * Creates a destination with a secret of its own and returns the secret. No function of the
 * database returns it again.
 */
export async function createDestination(
  api: Api,
  tenant: OfTenant,
  { name, url, types }: { name: string; url: string; types: string },
): Promise<string> {
  // The name is new, so that no other secret is replaced.
  const stored = `webhook-${crypto.randomUUID()}`;
  const secret = newSecret();
  await api.call("jobforge_set_secret", { ...tenant, p_name: stored, p_value: secret });
  const p_settings = { url, event_types: eventTypesOf(types), secret: stored };
  try {
    await api.call("jobforge_configure_destination", { ...tenant, p_name: name, p_settings });
  } catch (thrown) {
    await api.call("jobforge_revoke_secret", { ...tenant, p_name: stored }).catch(() => {});
    throw thrown;
  }
  return secret;
}

/** Gives a destination its next secret and returns it. The one before signs for a day, too. */
export async function rotateSecret(api: Api, tenant: OfTenant, name: string): Promise<string> {
  const secret = newSecret();
  await api.call("jobforge_rotate_destination_secret", {
    ...tenant,
    p_destination: name,
    p_value: secret,
  });
  return secret;
}

/** Sends what a destination missed since a time, page by page. Returns how many messages. */
export async function recoverSince(
  api: Api,
  tenant: OfTenant,
  name: string,
  since: Date,
): Promise<number> {
  let sent = 0;
  let after: string | null = null;
  do {
    const p_since = since.toISOString();
    const [page]: Recovered[] = await api.call("jobforge_recover_deliveries", {
      ...{ ...tenant, p_destination: name, p_since, p_after: after },
    });
    sent += page!.sent;
    after = page!.next;
  } while (after !== null);
  return sent;
}

interface Recovered {
  sent: number;
  next: string | null;
}

function newSecret(): string {
  return newSigningSecret(crypto.getRandomValues(new Uint8Array(32)));
}
