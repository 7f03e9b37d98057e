import type { SchemeName } from "./scheme.ts";

/** The answer to one kind of a sender's verified requests. */
export interface Answer {
  readonly status: 200 | 202 | 204;
  readonly contentType?: string;
  /**
   * A fixed body, or `job` for the job's ID and whether it is a copy, or `reply` for a part of the
   * request. Without it the body is empty.
   */
  readonly body?: { readonly text: string } | "job" | "reply";
  /** False for a request that only checks the endpoint. */
  readonly makesJob: boolean;
}

/** Answers by the kind of a request. */
export type Answers = { readonly event: Answer } & Readonly<Record<string, Answer>>;

const JSON_TYPE = "application/json";
const JOB_202 = { status: 202, contentType: JSON_TYPE, body: "job", makesJob: true } as const;
/** For senders that take any other 2xx for a failure. */
const JOB_200 = { status: 200, contentType: JSON_TYPE, body: "job", makesJob: true } as const;
const EMPTY_200 = { status: 200, makesJob: true } as const;
const REPLY_200 = { status: 200, contentType: JSON_TYPE, body: "reply", makesJob: false } as const;
const ANY_2XX: Answers = { event: JOB_202 };
const ONLY_200: Answers = { event: JOB_200 };

/** The answers that each sender documents. Refusals are alike for all and not listed here. */
export const ANSWERS: Readonly<Record<SchemeName, Answers>> = {
  "standard-webhooks": ANY_2XX,
  svix: ANY_2XX,
  clerk: ANY_2XX,
  resend: ANY_2XX,
  polar: ANY_2XX,
  // The Auth server parses the answer, so it needs JSON that changes nothing.
  "supabase-auth": {
    event: { status: 200, contentType: JSON_TYPE, body: { text: "{}" }, makesJob: true },
  },
  stripe: ANY_2XX,
  github: ANY_2XX,
  // A body would be shown to the user of a command, or close a dialog with an error.
  slack: {
    event: EMPTY_200,
    url_verification: REPLY_200,
    ssl_check: { status: 200, makesJob: false },
  },
  shopify: ANY_2XX,
  linear: ONLY_200,
  paddle: ONLY_200,
  lemonsqueezy: ONLY_200,
  // Anything but TwiML is error 12300 for a message or a call. An empty response does nothing.
  twilio: {
    event: {
      status: 200,
      contentType: "text/xml; charset=utf-8",
      body: { text: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' },
      makesJob: true,
    },
    json: { status: 204, makesJob: true },
  },
  sendgrid: ANY_2XX,
  discord: {
    // An empty 202 accepts an interaction. Any other body makes it fail for the waiting user.
    event: { status: 202, makesJob: true },
    ping: { status: 200, contentType: JSON_TYPE, body: { text: '{"type":1}' }, makesJob: false },
    // Discord requires a Content-Type also where there is no content.
    webhook_event: { status: 204, contentType: JSON_TYPE, makesJob: true },
    webhook_ping: { status: 204, contentType: JSON_TYPE, makesJob: false },
  },
  intercom: ONLY_200,
  zoom: { event: JOB_200, url_validation: REPLY_200 },
  hubspot: ONLY_200,
  jobforge: ANY_2XX,
  custom: ANY_2XX,
};
