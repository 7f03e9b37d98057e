import assert from "node:assert/strict";
import { eventually, testProject } from "../test/test_project.ts";
import { type Stack, startStack } from "./stack.ts";

const FUNCTION = `
import { Hono } from "hono";
const app = new Hono().basePath("/probe");
app.get("/path", (c) => c.text(new URL(c.req.url).pathname));
app.get("/env", (c) => c.json(Deno.env.toObject()));
app.post("/echo", (c) => new Response(c.req.raw.body));
app.get("/headers", (c) => c.json(c.req.header()));
app.get("/crash", () => Deno.exit(3));
app.get("/redirect", (c) => c.redirect("/elsewhere"));
app.get("/read", async (c) => c.text(await Deno.readTextFile("/etc/hostname")));
app.get("/background", (c) => {
  EdgeRuntime.waitUntil(new Promise((done) => setTimeout(done, 300)).then(() => console.log("done")));
  return c.text("accepted", 202);
});
app.get("/stream", (c) => {
  let timer: number;
  return c.body(new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode("line\\n")), 20);
    },
    cancel() {
      clearInterval(timer);
      console.log("client gone");
    },
  }));
});
addEventListener("beforeunload", (event) => console.log("reason", event.detail.reason));
Deno.serve({ port: 9999 }, app.fetch);
`;

const SETUP = `
create schema jobforge;
create table public.project (url text);
create function jobforge.setup(p_url text) returns void language sql as $$
  insert into public.project values (p_url)
$$;
`;

async function withStack(use: (stack: Stack, base: string) => Promise<void>): Promise<void> {
  const project = await testProject({
    functions: { probe: FUNCTION, broken: "throw new Error('will not boot');" },
    migrations: { "20260101000000_setup.sql": SETUP },
  });
  const { seed: _, ...files } = project.files;
  try {
    const stack = await startStack({ files });
    try {
      await use(stack, `${stack.url}/functions/v1`);
    } finally {
      await stack.stop();
      assert.deepEqual(stack.functionPids(), {});
    }
  } finally {
    await project.remove();
  }
}

const text = async (url: string, init?: RequestInit) => await (await fetch(url, init)).text();

Deno.test("a function sees its path from its name on", () =>
  withStack(async (_stack, base) => {
    assert.equal(await text(`${base}/probe/path?a=1`), "/probe/path");
  }));

Deno.test("a function gets the platform's variables and nothing of the caller's", () =>
  withStack(async (stack, base) => {
    Deno.env.set("JOBFORGE_TEST_PLANTED_VALUE", "secret");
    const env = JSON.parse(await text(`${base}/probe/env`));
    Deno.env.delete("JOBFORGE_TEST_PLANTED_VALUE");
    assert.equal(env.SUPABASE_URL, stack.url);
    assert.equal(JSON.parse(env.SUPABASE_SECRET_KEYS).default, stack.secretKey);
    assert.equal(JSON.parse(env.SUPABASE_PUBLISHABLE_KEYS).default, stack.publishableKey);
    assert.equal(JSON.parse(env.SUPABASE_JWKS).keys.length, 1);
    assert.equal(env.JOBFORGE_TEST_PLANTED_VALUE, undefined);
  }));

Deno.test("the legacy keys of a function work at the Data API", () =>
  withStack(async (stack, base) => {
    const env = JSON.parse(await text(`${base}/probe/env`));
    const status = async (apikey: string) => {
      const headers = { apikey, authorization: `Bearer ${apikey}` };
      const response = await fetch(`${stack.url}/rest/v1/project`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await status(env.SUPABASE_ANON_KEY), 401);
    assert.equal(await status(env.SUPABASE_SERVICE_ROLE_KEY), 403);
  }));

Deno.test("bodies are streamed both ways and lengths kept", () =>
  withStack(async (_stack, base) => {
    const body = "x".repeat(300_000);
    assert.equal(await text(`${base}/probe/echo`, { method: "POST", body }), body);
  }));

Deno.test("a function receives the address of its caller", () =>
  withStack(async (stack, base) => {
    const headers = JSON.parse(await text(`${base}/probe/headers`, { headers: { apikey: "k" } }));
    assert.equal(headers.apikey, "k");
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(headers["x-forwarded-port"], new URL(stack.url).port);
  }));

Deno.test("a redirect is passed on, not followed", () =>
  withStack(async (_stack, base) => {
    const response = await fetch(`${base}/probe/redirect`, { redirect: "manual" });
    await response.body?.cancel();
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("location"), "/elsewhere");
  }));

Deno.test("a function may not read files", () =>
  withStack(async (_stack, base) => {
    const response = await fetch(`${base}/probe/read`);
    await response.body?.cancel();
    assert.equal(response.status, 500);
  }));

Deno.test("a function learns that its client is gone", () =>
  withStack(async (stack, base) => {
    const abort = new AbortController();
    const response = await fetch(`${base}/probe/stream`, { signal: abort.signal });
    const reader = response.body!.getReader();
    await reader.read();
    abort.abort();
    await reader.read().catch(() => {});
    await eventually("cancel", () => stack.logs("probe").includes("client gone") || undefined);
  }));

Deno.test("a crashed function starts again at the next request", () =>
  withStack(async (_stack, base) => {
    const crash = await fetch(`${base}/probe/crash`);
    assert.equal(crash.status, 500);
    assert.equal((await crash.json()).code, "WORKER_ERROR");
    assert.equal(await text(`${base}/probe/path`), "/probe/path");
  }));

Deno.test("a killed function starts again", () =>
  withStack(async (stack, base) => {
    await text(`${base}/probe/path`);
    Deno.kill(stack.functionPids().probe!, "SIGKILL");
    await eventually("its end", () => stack.functionPids().probe === undefined || undefined);
    assert.equal(await text(`${base}/probe/path`), "/probe/path");
  }));

Deno.test("a function that does not boot answers 503 and logs why", () =>
  withStack(async (stack, base) => {
    const response = await fetch(`${base}/broken`);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("sb-error-code"), "BOOT_ERROR");
    await response.body?.cancel();
    assert.match(stack.logs("broken").join("\n"), /will not boot/);
  }));

Deno.test("an unknown function is not found", () =>
  withStack(async (_stack, base) => {
    const response = await fetch(`${base}/nope`);
    await response.body?.cancel();
    assert.equal(response.status, 404);
  }));

Deno.test("a restart announces itself and lets background work finish", () =>
  withStack(async (stack, base) => {
    assert.equal(await text(`${base}/probe/background`), "accepted");
    const before = stack.functionPids().probe;
    await stack.restartFunction("probe");
    assert.notEqual(stack.functionPids().probe, before);
    assert.deepEqual(stack.logs("probe"), ["reason termination", "done"]);
  }));

Deno.test("the project learns its address", () =>
  withStack(async (stack) => {
    const { connect } = await import("../postgres/database.ts");
    const sql = connect(stack.dbUrl);
    const rows = await sql`select url from public.project`;
    await sql.end();
    assert.deepEqual([...rows], [{ url: stack.url }]);
  }));

Deno.test("cron, net and functions work together", () =>
  withStack(async (stack, base) => {
    const { connect } = await import("../postgres/database.ts");
    const sql = connect(stack.dbUrl);
    await sql`
      select cron.schedule('call', '1 second', ${`select net.http_get('${base}/probe/path')`})
    `;
    const row = await eventually("response", async () => {
      return (await sql`select status_code, content from net._http_response limit 1`)[0];
    });
    await sql.end();
    assert.deepEqual(row, { status_code: 200, content: "/probe/path" });
  }));
