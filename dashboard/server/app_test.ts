import assert from "node:assert/strict";
import { CALLS } from "../contract/calls.ts";
import { createDashboard } from "./app.ts";
import { createGuard } from "./guard.ts";

const TOKEN = "the-token-of-this-start-0123456789";
const PORT = 54423;
const HOST = `127.0.0.1:${PORT}`;
const JOB = "01a2039b-0000-7000-8000-000000000001";
const TENANT = "11111111-1111-4111-8111-111111111111";

/** Calls that reached the Data API. */
const reached: string[] = [];
const answer = createDashboard({
  guard: createGuard(PORT, TOKEN),
  data: {
    call: (name, args) => (reached.push(`${name} ${JSON.stringify(args)}`), Promise.resolve("{}")),
    read: (path) => (reached.push(path), Promise.resolve("[]")),
  },
  assets: new Map([["/", { type: "text/html", bytes: new TextEncoder().encode("<p>page</p>") }]]),
});

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function ask(path: string, { method = "GET", headers = {}, body }: Asked = {}) {
  reached.length = 0;
  const response = await answer(
    new Request(`http://${HOST}${path}`, {
      method,
      headers: { host: HOST, ...headers },
      ...(body === undefined ? {} : { body }),
    }),
  );
  const text = await response.text();
  return { response, status: response.status, text, code: /"code":"(\w+)"/.exec(text)?.[1] };
}

const KEY = { authorization: `Bearer ${TOKEN}` };
const JSON_TYPE = { "content-type": "application/json" };
const CALL: Asked = { method: "POST", headers: { ...KEY, ...JSON_TYPE }, body: "{}" };
const OVERVIEW = "/api/call/jobforge_overview";

Deno.test("the page is served at this address without a token, under a strict policy", async () => {
  const { response, status } = await ask("/");
  assert.equal(status, 200);
  const policy = response.headers.get("content-security-policy")!;
  for (const rule of ["default-src", "base-uri", "form-action", "frame-ancestors"]) {
    assert.ok(policy.split("; ").includes(`${rule} 'none'`), rule);
  }
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("x-frame-options"), "DENY");
  assert.equal(response.headers.get("access-control-allow-origin"), null);
});

Deno.test("with the token a call on the list reaches the Data API", async () => {
  assert.equal((await ask(OVERVIEW, CALL)).status, 200);
  assert.deepEqual(reached, ["jobforge_overview {}"]);
});

const STRANGE_HOSTS = [
  "rebound.example",
  `rebound.example:${PORT}`,
  "127.0.0.1",
  "127.0.0.1:1",
  `127.0.0.1.example:${PORT}`,
  `[::1]:${PORT}`,
  "",
];
for (const host of STRANGE_HOSTS) {
  Deno.test(`the host ${host || "(none)"} is refused`, async () => {
    for (const path of ["/", OVERVIEW]) {
      const { status, code } = await ask(path, {
        ...(path === "/" ? {} : CALL),
        headers: { ...CALL.headers, host },
      });
      assert.equal(status, 403);
      assert.equal(code, "forbidden");
      assert.deepEqual(reached, []);
    }
  });
}

const STRANGE_PAGES: Record<string, string>[] = [
  { origin: "https://evil.example" },
  { origin: "http://127.0.0.1:9999" },
  { origin: `http://localhost:${PORT}` },
  { origin: `https://${HOST}` },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
];
for (const page of STRANGE_PAGES) {
  Deno.test(`a request of another page is refused: ${JSON.stringify(page)}`, async () => {
    const { status } = await ask(OVERVIEW, { ...CALL, headers: { ...CALL.headers, ...page } });
    assert.equal(status, 403);
    assert.deepEqual(reached, []);
  });
}

Deno.test("a link on another page may open the bare page", async () => {
  const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  assert.equal((await ask("/", { headers })).status, 200);
});

for (
  const authorization of [
    "",
    "Bearer ",
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Basic ${TOKEN}`,
    TOKEN,
  ]
) {
  Deno.test(`without the token nothing is read or called: "${authorization}"`, async () => {
    const headers = { ...JSON_TYPE, authorization };
    for (const path of [OVERVIEW, "/api/call/unknown", `/api/read/audit`]) {
      const { status, code } = await ask(path, { ...CALL, headers });
      assert.equal(status, 401);
      assert.equal(code, "unauthenticated");
      assert.deepEqual(reached, []);
    }
  });
}

const ELSEWHERE = [
  "/api/call/jobforge_erase_tenant",
  "/api/call/jobforge_set_secret",
  "/api/call/jobforge_start_run",
  "/api/call/jobforge_enqueue_job",
  "/api/call/toString",
  "/api/call/__proto__",
  "/api/call/jobforge_overview/more",
  "/api/call/..%2f..%2fjobforge_setup",
  "/api/read/jobs",
  "/api/read/constructor",
  "/api/",
  "/rest/v1/jobforge_jobs",
  "/functions/v1/worker",
  "/../deno.json",
];
for (const path of ELSEWHERE) {
  Deno.test(`nothing else is reachable: ${path}`, async () => {
    for (const asked of [CALL, { headers: KEY }]) {
      assert.equal((await ask(path, asked)).status, 404);
      assert.deepEqual(reached, []);
    }
  });
}

Deno.test("a call takes its own arguments only", async () => {
  for (const body of ['{"p_tenant_ids":[]}', '{"select":"*"}', '{"__proto__x":1}']) {
    assert.equal((await ask(OVERVIEW, { ...CALL, body })).code, "invalid_argument");
    assert.deepEqual(reached, []);
  }
});

Deno.test("a call is a POST of a JSON object, and a read is a GET", async () => {
  assert.equal((await ask(OVERVIEW, { headers: KEY })).status, 405);
  assert.equal((await ask("/api/read/audit", CALL)).status, 405);
  assert.equal((await ask("/", { method: "DELETE" })).status, 405);
  assert.equal((await ask(OVERVIEW, { ...CALL, body: "[]" })).code, "invalid_argument");
  assert.equal((await ask(OVERVIEW, { ...CALL, body: "{" })).code, "invalid_json");
  assert.equal((await ask(OVERVIEW, { ...CALL, headers: KEY })).code, "unsupported_media_type");
  assert.equal(
    (await ask(OVERVIEW, { ...CALL, body: `{"p_tenant_id":"${"x".repeat(70_000)}"}` })).code,
    "payload_too_large",
  );
  assert.deepEqual(reached, []);
});

Deno.test("a read has fixed columns, order and size, and typed filters", async () => {
  assert.equal(
    (await ask(`/api/read/payload?tenant=${TENANT}&job=${JOB}`, { headers: KEY })).status,
    200,
  );
  assert.deepEqual(reached, [
    `/rest/v1/jobforge_jobs?select=payload&limit=1&tenant_id=eq.${TENANT}&id=eq.${JOB}`,
  ]);
});

const INVALID_READS = [
  `payload?tenant=${TENANT}`,
  `payload?tenant=${TENANT}&job=${JOB}&select=*`,
  `payload?tenant=${TENANT}&job=${JOB}&or=(id.gt.0)`,
  `payload?tenant=${TENANT}&job=${JOB},id.gt.0`,
  `payload?tenant=not.is.null&job=${JOB}`,
  "audit?limit=100000",
  "audit?before=1)&order=id",
  `received_webhooks?tenant=${TENANT}`,
  `received_webhooks?tenant=${TENANT}&endpoint=${JOB}&before=yesterday`,
];
for (const path of INVALID_READS) {
  Deno.test(`a read refuses ${path}`, async () => {
    assert.equal((await ask(`/api/read/${path}`, { headers: KEY })).code, "invalid_argument");
    assert.deepEqual(reached, []);
  });
}

Deno.test("no call on the list reads secrets, acts as a worker or erases", () => {
  for (const name of Object.keys(CALLS)) {
    assert.doesNotMatch(
      name,
      /secret|ticket|run$|settle|claim_jobs|complete|release|heartbeat|erase|setup|cleanup|enqueue/,
    );
  }
});

Deno.test("an internal error reveals nothing about itself", async () => {
  const failing = createDashboard({
    guard: createGuard(PORT, TOKEN),
    data: {
      call: () => Promise.reject(new TypeError("sb_secret_x in a message")),
      read: () => Promise.reject(new TypeError("sb_secret_x")),
    },
    assets: new Map(),
  });
  const print = console.error;
  console.error = () => {};
  try {
    const response = await failing(
      new Request(`http://${HOST}${OVERVIEW}`, {
        method: "POST",
        headers: { host: HOST, ...CALL.headers },
        body: "{}",
      }),
    );
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /sb_secret/);
  } finally {
    console.error = print;
  }
});
