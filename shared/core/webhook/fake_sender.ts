import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import type { CustomSignature } from "./schemes/custom.ts";

/** The time of the tests, in Unix seconds. */
export const NOW = 1_790_000_000;

/** A request of a sender, built with node:crypto alone and without JobForge's code. */
export interface Sent {
  headers: Record<string, string>;
  body: string;
  query?: string;
  method?: "GET" | "POST";
}

/** The signing of one sender. */
export interface FakeSender {
  secret: string;
  otherSecret: string;
  /** A typical body of this sender. */
  sample: string;
  /** The header with the signature. */
  signatureHeader: string;
  url?: string;
  /** How the scheme `custom` is configured. */
  signature?: CustomSignature;
  send(secret: string, body: string, seconds?: number): Sent;
}

/** The headers of a JSON body. */
export const JSON_TYPE = { "content-type": "application/json" };

/** Returns an HMAC of a text. */
export function mac(
  secret: string | Uint8Array,
  text: string,
  encoding: "hex" | "base64",
  hash = "sha256",
) {
  return createHmac(hash, secret).update(text).digest(encoding);
}

/** Returns a secret of Standard Webhooks. */
export function whsec(fill: number): string {
  return `whsec_${Buffer.alloc(32, fill).toString("base64")}`;
}

/** Returns the bytes of a secret of Standard Webhooks. */
export const rawKey = (secret: string) => Buffer.from(secret.slice("whsec_".length), "base64");
