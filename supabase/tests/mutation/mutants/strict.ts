import type { Mutant } from "../mutant.ts";

const schemes = "shared/core/webhook/schemes";
const adapters = "shared/adapters/egress";
const request = "shared/jobs/connector_http_request/handler";
const deliver = "shared/jobs/connector_webhook_deliver/handler";
const events = ["shared/core/webhook/event_test.ts"];

/** Faults in how others are taken: what senders say, how long hosts may take, who left. */
export const strict: Mutant[] = [
  {
    name: "an ID in the body beats the one that is signed apart",
    file: "shared/core/webhook/verify.ts",
    find: "parts.id ?? facts.id ??",
    replace: "facts.id ?? parts.id ??",
    tests: ["shared/core/webhook/custom_test.ts"],
  },
  {
    name: "Shopify's topic is not kept",
    file: `${schemes}/body_only.ts`,
    find: '...["topic", "shop-domain"',
    replace: '...["shop-domain"',
    tests: events,
  },
  {
    name: "the ID of a Shopify webhook is not kept",
    file: `${schemes}/body_only.ts`,
    find: '"shop-domain", "webhook-id", ',
    replace: '"shop-domain", ',
    tests: events,
  },
  {
    name: "the time of a Shopify event is not kept",
    file: `${schemes}/body_only.ts`,
    find: '"api-version", "triggered-at"]',
    replace: '"api-version"]',
    tests: events,
  },
  {
    name: "GitHub's delivery is not kept",
    file: `${schemes}/body_only.ts`,
    find: '"x-github-delivery", ',
    replace: "",
    tests: events,
  },
  {
    name: "the kind of a Linear event is not kept",
    file: `${schemes}/body_only.ts`,
    find: '["linear-event", ',
    replace: "[",
    tests: events,
  },
  {
    name: "the kind of a Lemon Squeezy event is not kept",
    file: `${schemes}/body_only.ts`,
    find: '["x-event-name"]',
    replace: "[]",
    tests: events,
  },
  {
    name: "the number of a Slack retry is not kept",
    file: `${schemes}/versioned.ts`,
    find: '["x-slack-retry-num", ',
    replace: "[",
    tests: events,
  },
  {
    name: "the tracking ID of Zoom is not kept",
    file: `${schemes}/versioned.ts`,
    find: '["x-zm-trackingid"]',
    replace: "[]",
    tests: events,
  },
  {
    name: "the token of a Twilio retry is not kept",
    file: `${schemes}/twilio.ts`,
    find: '["i-twilio-idempotency-token"]',
    replace: "[]",
    tests: events,
  },
  {
    name: "there is no end to waiting for one address",
    file: `${adapters}/connect.ts`,
    find: "withDeadline(ADDRESS_MS, signal",
    replace: "withDeadline(3_600_000, signal",
    tests: [`${adapters}/connect_test.ts`],
  },
  {
    name: "each interim response may have a head of 64 KiB",
    file: `${adapters}/exchange.ts`,
    find: "await readHead(reader, budget)",
    replace: "await readHead(reader, { bytes: MAX_HEAD_BYTES })",
    tests: [`${adapters}/exchange_test.ts`],
  },
  {
    name: "trailers have any length",
    file: `${adapters}/response_body.ts`,
    find: "const MAX_TRAILER_BYTES = 8 * 1024;",
    replace: "const MAX_TRAILER_BYTES = Infinity;",
    tests: [`${adapters}/exchange_test.ts`],
  },
  {
    name: "a call out goes on after its attempt was stopped",
    file: "shared/jobs/connector_call.ts",
    find: "deps.egress(request, policy, ctx.signal)",
    replace: "deps.egress(request, policy, new AbortController().signal)",
    tests: [`${request}_test.ts`, `${deliver}_test.ts`],
  },
  {
    name: "a connector is opened after its attempt was stopped",
    file: "shared/jobs/connector_call.ts",
    find: "name, host, ctx.signal)",
    replace: "name, host, new AbortController().signal)",
    tests: [`${request}_test.ts`],
  },
  {
    name: "a destination is opened after its attempt was stopped",
    file: `${deliver}.ts`,
    find: "delivery, ctx.signal)",
    replace: "delivery, new AbortController().signal)",
    tests: [`${deliver}_test.ts`],
  },
  {
    name: "a caller that left is waited for",
    file: "supabase/functions/enqueue/show_job.ts",
    find: "wait > 0 ? c.req.raw.signal : undefined",
    replace: "undefined",
    tests: ["supabase/functions/enqueue/app_test.ts"],
  },
];
