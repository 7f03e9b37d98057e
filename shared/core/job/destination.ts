import { toBase64 } from "../encoding/bytes.ts";

/** A version of a secret that signs for a destination. */
export interface SecretVersion {
  /** Null for a secret of the worker's environment. */
  version: number | null;
  created_at: string | null;
  /** Null for the version that signs until the next rotation. */
  expires_at: string | null;
}

/** A webhook destination with its state. */
export interface Destination {
  id: string;
  name: string;
  url: string;
  event_types: string[];
  status: "active" | "failing" | "paused" | "disabled";
  /** Why it is paused or disabled. */
  reason: string | null;
  paused_at: string | null;
  /** Attempts that failed in a row. */
  failures: number;
  failing_since: string | null;
  secrets: SecretVersion[];
  created_at: string;
  updated_at: string;
}

/** A message on its way to a destination, or a repeat of one. */
export interface Delivery {
  job_id: string;
  message_id: string;
  event_type: string;
  event_id: string | null;
  test: boolean;
  status: "pending" | "delivered" | "failed" | "canceled" | "held" | "resent";
  attempts: number;
  response_status: number | null;
  error: string | null;
  created_at: string;
  last_attempt_at: string | null;
  next_attempt_at: string | null;
  delivered_at: string | null;
}

/** Returns a secret of Standard Webhooks from 32 random bytes. */
export function newSigningSecret(bytes: Uint8Array): string {
  return `whsec_${toBase64(bytes)}`;
}
