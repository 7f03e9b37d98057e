import type { Scheme, SchemeName } from "./scheme.ts";
import { github, linear, shopify } from "./schemes/body_only.ts";
import { discord } from "./schemes/discord.ts";
import { slack } from "./schemes/slack.ts";
import { standardWebhooks } from "./schemes/standard.ts";
import { jobforge, paddle, stripe } from "./schemes/stamped.ts";
import { twilio } from "./schemes/twilio.ts";

/** Every scheme by its name. */
export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = {
  "standard-webhooks": standardWebhooks,
  stripe,
  github,
  slack,
  shopify,
  linear,
  paddle,
  twilio,
  discord,
  jobforge,
};
