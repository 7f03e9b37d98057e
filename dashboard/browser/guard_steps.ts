import assert from "node:assert/strict";
import { person } from "./browser.ts";
import { ACME, type Stage } from "./stage.ts";

/** Requests the dashboard's server rejects, over real connections and from real pages. */
export const guardSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "a rebound name, another page and a missing token are refused": async (stage) => {
    const { host } = new URL(stage.dashboard.origin);
    const right = { host, authorization: `Bearer ${stage.dashboard.token}` };
    assert.match(await send(stage, right), /^HTTP\/1\.1 200 /);
    assert.match(await send(stage, { ...right, host: "evil.example" }), /^HTTP\/1\.1 403 /);
    assert.match(await send(stage, { ...right, origin: "http://evil.example" }), /1 403 /);
    assert.match(await send(stage, { ...right, "sec-fetch-site": "same-site" }), /1 403 /);
    assert.match(await send(stage, { host }), /^HTTP\/1\.1 401 /);
    const answer = await send(stage, right, "/api/call/jobforge_set_secret");
    assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.ok(!answer.includes(stage.stack.secretKey));
  },

  "it listens on loopback only": async (stage) => {
    const port = Number(new URL(stage.dashboard.origin).port);
    const others = Deno.networkInterfaces()
      .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."));
    for (const { address } of others) {
      await assert.rejects(Deno.connect({ hostname: address, port }));
    }
  },

  "without the printed address the page shows nothing but why": async (stage) => {
    const context = await person(stage.browser);
    const page = await context.newPage();
    await page.goto(stage.dashboard.origin);
    await page.getByText("open the address that the dashboard printed").first().waitFor();
    await context.close();
  },

  "the token leaves the address, and reloads and further tabs need it no more": async (stage) => {
    await stage.visit("/jobs", async (page) => {
      assert.ok(!page.url().includes(stage.dashboard.token));
      await page.reload();
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
      const tab = await page.context().newPage();
      await tab.goto(stage.dashboard.origin);
      await tab.getByText("Oldest ready").waitFor();
    });
  },

  "another page can neither frame nor call it": async (stage) => {
    const other = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("<!doctype html><p>other", { headers: { "content-type": "text/html" } }),
    );
    const context = await person(stage.browser);
    try {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${other.addr.port}/`);
      const outcome = await page.evaluate(async ([origin, tenant]) => {
        const body = JSON.stringify({
          ...{ p_tenant_id: tenant, p_queue: "attacked", p_settings: { paused: true } },
        });
        const url = `${origin}/api/call/jobforge_configure_queue`;
        await fetch(url, { method: "POST", mode: "no-cors", body }).catch(() => {});
        const read = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        }).then(() => "read", () => "refused");
        const frame = document.createElement("iframe");
        frame.src = origin!;
        const loaded = new Promise((resolve) => frame.onload = resolve);
        document.body.append(frame);
        await loaded;
        return read;
      }, [stage.dashboard.origin, ACME]);
      assert.equal(outcome, "refused");
      assert.match(page.frames()[1]!.url(), /^chrome-error:/);
    } finally {
      await context.close();
      await other.shutdown();
    }
    const found = await stage.sql`
      select from public.jobforge_queues where queue = 'attacked'
    `;
    assert.equal(found.length, 0);
  },
};

async function send(
  stage: Stage,
  headers: Record<string, string>,
  path = "/api/read/audit",
): Promise<string> {
  const port = Number(new URL(stage.dashboard.origin).port);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries({ ...headers, connection: "close" });
  const text = `GET ${path} HTTP/1.1\r\n` +
    lines.map(([name, value]) => `${name}: ${value}\r\n`).join("") + "\r\n";
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}
