import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ANSWERS } from "../../../shared/core/webhook/answers.ts";
import {
  NOW,
  SENDERS,
  sendTwilioGet,
  sendTwilioJson,
  sendTwilioSha256,
  type Sent,
} from "../../../shared/core/webhook/fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { endpointOf, ID, OTHER_ID, sample, stage } from "./fake_stage.ts";

const JSON_TYPE = "application/json";
const TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

/** An answer as a sender sees it. `job` stands for the ID of the job in JSON. */
type Expected = [status: number, contentType: string | null, body: string];

const JOB_202: Expected = [202, JSON_TYPE, "job"];
const JOB_200: Expected = [200, JSON_TYPE, "job"];

/** What each sender documents as the answer to an event. */
const EVENTS: Record<SchemeName, Expected> = {
  "standard-webhooks": JOB_202,
  svix: JOB_202,
  clerk: JOB_202,
  resend: JOB_202,
  "supabase-auth": [200, JSON_TYPE, "{}"],
  polar: JOB_202,
  stripe: JOB_202,
  github: JOB_202,
  slack: [200, null, ""],
  shopify: JOB_202,
  linear: JOB_200,
  paddle: JOB_200,
  lemonsqueezy: JOB_200,
  twilio: [200, "text/xml; charset=utf-8", TWIML],
  sendgrid: JOB_202,
  discord: [202, null, ""],
  intercom: JOB_200,
  zoom: JOB_200,
  hubspot: JOB_200,
  jobforge: JOB_202,
  custom: JOB_202,
};

async function seen(response: Response): Promise<Expected> {
  return [response.status, response.headers.get("content-type"), await response.text()];
}

for (const scheme of SCHEME_NAMES) {
  Deno.test(`${scheme}: an event becomes a job and a copy the same one, answered as documented`, async () => {
    const { post, received } = stage({ [ID]: endpointOf(scheme) });
    const answers = [
      await seen(await post(sample(scheme))),
      await seen(await post(sample(scheme))),
    ];
    const { payload, replayKey } = received[0]!;
    assert.deepEqual(received.map((each) => each.replayKey), [replayKey, replayKey]);
    const [status, type, body] = EVENTS[scheme];
    const jobs = [false, true].map((duplicate) =>
      JSON.stringify({ job_id: `job of ${replayKey}`, duplicate })
    );
    assert.deepEqual(answers, jobs.map((job) => [status, type, body === "job" ? job : body]));
    const { endpoint, scheme: name } = payload as { endpoint: string; scheme: string };
    assert.deepEqual([endpoint, name], ["incoming", scheme]);
  });
}

const form = (text: string): Partial<Sent> => {
  const { secret, send } = SENDERS.slack;
  const sent = send(secret, text);
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return { ...sent, headers: { ...sent.headers, ...type } };
};
const signed = (scheme: SchemeName, body: string): Sent =>
  SENDERS[scheme].send(SENDERS[scheme].secret, body);
const twilioSecret = SENDERS.twilio.secret;
const DISCORD_EVENT = '{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}';
const VIEW = JSON.stringify({ type: "view_submission", view: { id: "V1" } });

const PLAIN_TOKEN = "qgg8vlvZRS6UYooatFL8Aw";
const ENCRYPTED_TOKEN = createHmac("sha256", SENDERS.zoom.secret).update(PLAIN_TOKEN).digest("hex");
const ZOOM_CHECK = { event: "endpoint.url_validation", payload: { plainToken: PLAIN_TOKEN } };

/** Another kind of request: the row of the table, its answer and whether it becomes a job. */
interface Kind {
  what: string;
  row: [SchemeName, string];
  sent: Partial<Sent>;
  expected: Expected;
  makesJob: boolean;
}

const KINDS: Kind[] = [
  {
    what: "a challenge",
    row: ["slack", "url_verification"],
    sent: signed("slack", '{"type":"url_verification","challenge":"c1"}'),
    expected: [200, JSON_TYPE, '{"challenge":"c1"}'],
    makesJob: false,
  },
  {
    what: "a slash command",
    row: ["slack", "event"],
    sent: form("command=%2Fdo&text=a"),
    expected: [200, null, ""],
    makesJob: true,
  },
  {
    what: "a view_submission",
    row: ["slack", "event"],
    sent: form(`payload=${encodeURIComponent(VIEW)}`),
    expected: [200, null, ""],
    makesJob: true,
  },
  {
    what: "a signed check of the certificate",
    row: ["slack", "ssl_check"],
    sent: form("ssl_check=1&token=t&team_id=T1"),
    expected: [200, null, ""],
    makesJob: false,
  },
  {
    what: "a ping of interactions",
    row: ["discord", "ping"],
    sent: signed("discord", '{"type":1,"id":"1"}'),
    expected: [200, JSON_TYPE, '{"type":1}'],
    makesJob: false,
  },
  {
    what: "a ping of webhooks",
    row: ["discord", "webhook_ping"],
    sent: signed("discord", '{"type":0,"version":1}'),
    expected: [204, JSON_TYPE, ""],
    makesJob: false,
  },
  {
    what: "a webhook event",
    row: ["discord", "webhook_event"],
    sent: signed("discord", DISCORD_EVENT),
    expected: [204, JSON_TYPE, ""],
    makesJob: true,
  },
  {
    what: "a body of JSON",
    row: ["twilio", "json"],
    sent: sendTwilioJson(twilioSecret, '{"a":1}'),
    expected: [204, null, ""],
    makesJob: true,
  },
  {
    what: "a GET",
    row: ["twilio", "event"],
    sent: sendTwilioGet(twilioSecret, "From=%2B1&Body=hi"),
    expected: EVENTS.twilio,
    makesJob: true,
  },
  {
    what: "a form under a key and SHA-256",
    row: ["twilio", "event"],
    sent: sendTwilioSha256(twilioSecret, "From=%2B1"),
    expected: EVENTS.twilio,
    makesJob: true,
  },
  {
    what: "a check of the address",
    row: ["zoom", "url_validation"],
    sent: signed("zoom", JSON.stringify(ZOOM_CHECK)),
    expected: [
      200,
      JSON_TYPE,
      JSON.stringify({ plainToken: PLAIN_TOKEN, encryptedToken: ENCRYPTED_TOKEN }),
    ],
    makesJob: false,
  },
];

for (const { what, row: [scheme, kind], sent, expected, makesJob } of KINDS) {
  Deno.test(`${scheme}: ${what} is answered as documented`, async () => {
    const { post, received } = stage({ [ID]: endpointOf(scheme) });
    assert.deepEqual(await seen(await post(sent)), expected);
    assert.equal(received.length, makesJob ? 1 : 0);
    assert.equal(ANSWERS[scheme][kind]!.makesJob, makesJob);
  });

  Deno.test(`${scheme}: ${what} is refused under another secret`, async () => {
    const other = { ...endpointOf(scheme), secrets: [{ value: SENDERS[scheme].otherSecret }] };
    const { post, received } = stage({ [ID]: other });
    assert.equal((await post(sent)).status, 401);
    assert.deepEqual(received, []);
  });
}

Deno.test("zoom: a token that could be the content of a request is not signed", async () => {
  for (const plainToken of [`v0:${NOW}:{}`, "a b", "", 7]) {
    const { post } = stage({ [ID]: endpointOf("zoom") });
    const check = { event: "endpoint.url_validation", payload: { plainToken } };
    const body = await (await post(signed("zoom", JSON.stringify(check)))).text();
    assert.doesNotMatch(body, /encryptedToken/);
  }
});

Deno.test("every row of the table of answers is tried", () => {
  const tried = new Set(KINDS.map(({ row: [scheme, kind] }) => `${scheme}/${kind}`));
  for (const scheme of SCHEME_NAMES) tried.add(`${scheme}/event`);
  const rows = SCHEME_NAMES.flatMap((scheme) =>
    Object.keys(ANSWERS[scheme]).map((kind) => `${scheme}/${kind}`)
  );
  assert.deepEqual([...tried].sort(), rows.sort());
});

Deno.test("an unsigned check of a certificate by Slack is answered alike for every address", async () => {
  const { asked, post, received } = stage({ [ID]: endpointOf("slack") });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  for (const id of [ID, OTHER_ID, "admin"]) {
    for (const body of ["ssl_check=1", "ssl_check=1&token=Jh3b", "token=Jh3b&ssl_check=1"]) {
      assert.deepEqual(await seen(await post({ headers, body }, id)), [200, null, ""]);
    }
  }
  assert.deepEqual([asked, received], [[], []]);
  for (const body of ["ssl_check=0", "ssl_check=1&command=a", "ssl_check=1&ssl_check=1", ""]) {
    assert.equal((await post({ headers, body })).status, 401, body);
  }
});

Deno.test("a HEAD finds every address, as Intercom requires, and reveals nothing", async () => {
  const { app, asked } = stage({ [ID]: endpointOf("intercom") });
  for (const id of [ID, OTHER_ID, "admin"]) {
    const response = await app.request(`/webhook-verify/${id}`, { method: "HEAD" });
    assert.deepEqual(await seen(response), [200, null, ""]);
  }
  assert.deepEqual(asked, []);
});

Deno.test("a GET with a signature is refused by every sender but Twilio", async () => {
  for (const scheme of SCHEME_NAMES) {
    const { post, received } = stage({ [ID]: endpointOf(scheme) });
    const { headers } = SENDERS[scheme].send(SENDERS[scheme].secret, "", NOW);
    const { "x-twilio-signature": signature = "none" } = headers;
    const get = { ...headers, "x-twilio-signature": signature };
    const response = await post({ method: "GET", headers: get });
    assert.equal(response.status, scheme === "twilio" ? 200 : 401, scheme);
    assert.equal(received.length, scheme === "twilio" ? 1 : 0);
  }
});
