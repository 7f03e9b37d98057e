import type { Scheme, SchemeName } from "./scheme.ts";
import { github, intercom, lemonsqueezy, linear, shopify } from "./schemes/body_only.ts";
import { customScheme, type CustomSignature } from "./schemes/custom.ts";
import { discord } from "./schemes/discord.ts";
import { hubspot } from "./schemes/hubspot.ts";
import { sendgrid } from "./schemes/sendgrid.ts";
import { polar, standardWebhooks, supabaseAuth } from "./schemes/standard.ts";
import { jobforge, paddle, stripe } from "./schemes/stamped.ts";
import { twilio } from "./schemes/twilio.ts";
import { slack, zoom } from "./schemes/versioned.ts";

/** A scheme that needs no configuration. */
export type FixedScheme = Exclude<SchemeName, "custom">;

/** Every scheme by its name, without the one that its endpoint describes. */
export const SCHEMES: Readonly<Record<FixedScheme, Scheme>> = {
  "standard-webhooks": standardWebhooks,
  svix: standardWebhooks,
  clerk: standardWebhooks,
  resend: standardWebhooks,
  "supabase-auth": supabaseAuth,
  polar,
  stripe,
  github,
  slack,
  shopify,
  linear,
  paddle,
  lemonsqueezy,
  twilio,
  sendgrid,
  discord,
  intercom,
  zoom,
  hubspot,
  jobforge,
};

/** What decides how the requests of an endpoint are signed. */
export interface SigningEndpoint {
  scheme: SchemeName;
  /** Only for the scheme `custom`. */
  signature?: CustomSignature | undefined;
}

/** Returns the scheme of an endpoint. Without its signature `custom` reads no request. */
export function schemeOf({ scheme, signature }: SigningEndpoint): Scheme {
  if (scheme !== "custom") return SCHEMES[scheme];
  return signature ? customScheme(signature) : UNREADABLE;
}

const UNREADABLE: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: [],
  secretForm: "text",
  read: () => undefined,
};
