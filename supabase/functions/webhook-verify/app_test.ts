import assert from "node:assert/strict";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { NOW, SENDERS, type Sent } from "../../../shared/core/webhook/fake_senders.ts";
import { endpointOf, ID, OTHER_ID, sample, stage } from "./fake_stage.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Deno.test("the job gets the body, and the trace goes on", async () => {
  const { post, received } = stage({ [ID]: endpointOf("github") });
  const sent = sample("github");
  await post({ ...sent, headers: { ...sent.headers, traceparent: TRACE, cookie: "a=b" } });
  const { payload, replayKey, traceparent } = received[0]!;
  assert.deepEqual(payload, {
    endpoint: "incoming",
    scheme: "github",
    id: replayKey,
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": "6f1f5b40-0000-11ee-8000-000000000000",
    },
    body: { action: "opened", number: 12 },
  });
  assert.equal(traceparent, TRACE);
});

const STRIPE = { [ID]: endpointOf("stripe") };
const OLD = sample("stripe", { seconds: NOW - 301 });
const FORGED = sample("stripe", { secret: SENDERS.stripe.otherSecret });
const { "stripe-signature": _unused, ...UNSIGNED } = sample("stripe").headers;

const REFUSED: [string, Partial<Sent>, string, string][] = [
  ["an unknown endpoint", sample("stripe"), OTHER_ID, "unknown"],
  ["an id that is none", sample("stripe"), "admin", "unknown"],
  ["a bad signature", FORGED, ID, "signature"],
  ["an old time", OLD, ID, "stale"],
  ["a time to come", sample("stripe", { seconds: NOW + 301 }), ID, "stale"],
  ["no signature", { ...sample("stripe"), headers: UNSIGNED }, ID, "malformed"],
  ["a signature of another scheme", sample("jobforge"), ID, "malformed"],
];

for (const [what, sent, id, reason] of REFUSED) {
  Deno.test(`${what} gets the same answer as every refusal, and makes no job`, async () => {
    const { asked, logged, post, received, refused } = stage(STRIPE);
    const response = await post(sent, id);
    assert.equal(response.status, 401);
    assert.deepEqual(refused, asked);
    assert.equal(response.headers.get("www-authenticate"), 'Webhook-Signature realm="jobforge"');
    assert.deepEqual(await response.json(), {
      type: "urn:jobforge:error:webhook_refused",
      title: "The webhook was refused",
      status: 401,
      detail: "no endpoint takes this request",
      code: "webhook_refused",
    });
    assert.deepEqual(asked, [id === "admin" ? "00000000-0000-0000-0000-000000000000" : id]);
    assert.deepEqual(received, []);
    assert.deepEqual(logged.map(([event, fields]) => [event, fields.reason]), [
      ["webhook_refused", reason],
    ]);
  });
}

Deno.test("an endpoint that went away meanwhile refuses like an unknown one", async () => {
  const gone = () => Promise.reject(new JobForgeError("not_found", "no such endpoint"));
  const [unknown, late] = [stage({}), stage(STRIPE, { receive: gone })];
  const bodies = await Promise.all([unknown, late].map(async ({ post }) => {
    const response = await post(sample("stripe"));
    return [response.status, [...response.headers], await response.json()];
  }));
  assert.deepEqual(bodies[0], bodies[1]);
});

Deno.test("two endpoints do not take each other's events", async () => {
  const other = { ...endpointOf("stripe"), secrets: [{ value: SENDERS.stripe.otherSecret }] };
  const { post, received } = stage({ ...STRIPE, [OTHER_ID]: other });
  assert.equal((await post(sample("stripe"), OTHER_ID)).status, 401);
  assert.equal((await post(FORGED, ID)).status, 401);
  assert.deepEqual(received, []);
});

Deno.test("the id counts in upper case and in lower case", async () => {
  const { asked, post } = stage({});
  await post(sample("stripe"), ID.toUpperCase());
  assert.deepEqual(asked, [ID]);
});

Deno.test("caps come before everything else", async () => {
  const { asked, post } = stage(STRIPE);
  const tooLarge = await post({ ...sample("stripe"), body: "x".repeat(5_242_881) });
  const { code, detail } = await tooLarge.json();
  assert.deepEqual([tooLarge.status, code, detail], [
    413,
    "payload_too_large",
    "a webhook must have at most 5242880 bytes (5 MiB): send less",
  ]);
  for (const type of ["multipart/form-data; boundary=x", "image/png", "json", ""]) {
    const sent = sample("stripe");
    const response = await post({ ...sent, headers: { ...sent.headers, "content-type": type } });
    assert.deepEqual([response.status, (await response.json()).code], [
      415,
      "unsupported_media_type",
    ]);
  }
  assert.deepEqual(asked, []);
});

Deno.test("a body that is declared as nothing is refused", async () => {
  const { app } = stage(STRIPE);
  const { "content-type": _, ...headers } = sample("stripe").headers;
  const body = new TextEncoder().encode(sample("stripe").body);
  const response = await app.request(`/webhook-verify/${ID}`, { method: "POST", headers, body });
  assert.equal(response.status, 415);
});

Deno.test("a content length that lies ends nothing but its request", async () => {
  const { app, asked } = stage(STRIPE);
  const { headers } = sample("stripe");
  const response = await app.request(`/webhook-verify/${ID}`, {
    method: "POST",
    headers: { ...headers, "content-length": "99999999999" },
    body: "{}",
  });
  assert.equal(response.status, 413);
  assert.deepEqual(asked, []);
});

const FAILURES: [string, number][] = [
  ["unavailable", 503],
  ["payload_too_large", 413],
  ["queue_full", 429],
  ["internal", 500],
];

for (const [code, status] of FAILURES) {
  Deno.test(`${code} of the database is ${status}, so that the sender tries again`, async () => {
    const fail = () => Promise.reject(new JobForgeError(code as "internal", "as it was"));
    const response = await stage(STRIPE, { receive: fail }).post(sample("stripe"));
    assert.deepEqual([response.status, (await response.json()).code], [status, code]);
    assert.equal(response.headers.has("retry-after"), status === 503 || status === 429);
  });
}

Deno.test("a database that is away reveals nothing about an endpoint", async () => {
  const away = () => Promise.reject(new JobForgeError("unavailable", "away"));
  const response = await stage(STRIPE, { find: away }).post(FORGED);
  assert.equal(response.status, 503);
  assert.ok(response.headers.get("retry-after"));
});

Deno.test("no header, no body and no secret gets into the log", async () => {
  const { logged, post } = stage(STRIPE);
  await post(sample("stripe"));
  await post(FORGED);
  const text = JSON.stringify(logged);
  for (const part of ["whsec", "v1=", "invoice.paid", "stripe"]) assert.ok(!text.includes(part));
  assert.deepEqual(logged.map(([event]) => event), ["webhook_received", "webhook_refused"]);
});

const ROUTES: [string, string, number, string | null][] = [
  ["GET", `/webhook-verify/${ID}`, 405, "POST"],
  ["OPTIONS", `/webhook-verify/${ID}`, 405, "POST"],
  ["PUT", `/webhook-verify/${ID}`, 405, "POST"],
  ["POST", "/webhook-verify", 404, null],
  ["POST", `/webhook-verify/${ID}/more`, 404, null],
];

for (const [method, path, status, allow] of ROUTES) {
  Deno.test(`${method} ${path} is ${status}, for no other origin's pages`, async () => {
    const { app, asked } = stage(STRIPE);
    const response = await app.request(path, { method, headers: { origin: "https://a.example" } });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("allow"), allow);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    assert.deepEqual(asked, []);
  });
}

/** Counts the signatures that are made while something runs. */
async function signaturesMadeBy(run: () => unknown): Promise<number> {
  const { sign } = crypto.subtle;
  let calls = 0;
  crypto.subtle.sign = (...args: Parameters<typeof sign>) => {
    calls++;
    return sign.apply(crypto.subtle, args);
  };
  try {
    await run();
  } finally {
    crypto.subtle.sign = sign;
  }
  return calls;
}

Deno.test("every refusal costs the same work, with one secret as with three", async () => {
  const { secrets } = STRIPE[ID]!;
  const three = { ...STRIPE[ID]!, secrets: [...secrets, ...secrets, ...secrets] };
  const { post } = stage({ ...STRIPE, [OTHER_ID]: three });
  const unknown = "0190b7c2-0000-4000-8000-000000000009";
  const made = [];
  for (const [, sent, id] of REFUSED) {
    made.push(await signaturesMadeBy(() => post(sent, id === OTHER_ID ? unknown : id)));
  }
  made.push(await signaturesMadeBy(() => post(FORGED, OTHER_ID)));
  assert.equal(new Set(made).size, 1, String(made));
  assert.ok(made[0]! >= 6);
});
