import assert from "node:assert/strict";
import { freePort } from "../system.ts";
import { type TestDatabase, withDatabase } from "../test/test_database.ts";
import { eventually, NO_MIGRATIONS } from "../test/test_project.ts";
import { type NetSender, startNetSender } from "./net_sender.ts";

interface Receiver {
  url: string;
  received: { method: string; path: string; body: string; headers: Headers }[];
  stop(): Promise<void>;
}

/** Answers `/slow` after a second, everything else at once with 201. */
function startReceiver(): Receiver {
  const received: Receiver["received"] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    received.push({ method, path: pathname + search, body: await request.text(), headers });
    if (pathname === "/slow") await new Promise((done) => setTimeout(done, 1000));
    return Response.json({ seen: true }, { status: 201 });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, received, stop: () => server.shutdown() };
}

async function withSender(
  use: (database: TestDatabase, receiver: Receiver) => Promise<void>,
): Promise<void> {
  await withDatabase(async (database) => {
    const receiver = startReceiver();
    let sender: NetSender | undefined;
    try {
      sender = await startNetSender(database.adminUrl);
      await use(database, receiver);
    } finally {
      await sender?.stop();
      await receiver.stop();
    }
  }, { sources: NO_MIGRATIONS });
}

function response(database: TestDatabase, id: string | undefined) {
  return eventually(`response ${id}`, async () => {
    const [row] = await database.sql`select * from net._http_response where id = ${id!}`;
    return row;
  });
}

Deno.test("a request is sent when its transaction commits", () =>
  withSender(async ({ sql, ...database }, receiver) => {
    const id = await sql.begin(async (transaction) => {
      const [row] = await transaction`
        select net.http_post(
          url := ${receiver.url + "/hook"},
          body := '{"a": 1}'::jsonb,
          params := '{"q": "ä b"}'::jsonb,
          headers := '{"apikey": "k"}'::jsonb
        ) as id
      `;
      assert.equal(receiver.received.length, 0);
      return row?.id;
    });
    const row = await response({ sql, ...database }, id);
    assert.equal(row.status_code, 201);
    assert.equal(row.content_type, "application/json");
    assert.equal(row.content, '{"seen":true}');
    assert.equal(row.timed_out, false);
    const [request] = receiver.received;
    assert.equal(request?.method, "POST");
    assert.equal(request?.path, "/hook?q=%C3%A4%20b");
    assert.equal(request?.body, '{"a": 1}');
    assert.equal(request?.headers.get("content-type"), "application/json");
    assert.equal(request?.headers.get("apikey"), "k");
  }));

Deno.test("a rolled back transaction sends nothing", () =>
  withSender(async ({ sql, ...database }, receiver) => {
    await sql.begin(async (transaction) => {
      await transaction`select net.http_get(${receiver.url + "/rolled-back"})`;
      throw new Error("roll back");
    }).catch(() => {});
    const [row] = await sql`select net.http_get(${receiver.url + "/committed"}) as id`;
    await response({ sql, ...database }, row?.id);
    assert.deepEqual(receiver.received.map(({ path }) => path), ["/committed"]);
  }));

Deno.test("a request that takes too long leaves a row with the error", () =>
  withSender(async ({ sql, ...database }, receiver) => {
    const [row] = await sql`
      select net.http_get(${receiver.url + "/slow"}, timeout_milliseconds := 100) as id
    `;
    const { status_code, timed_out, error_msg } = await response({ sql, ...database }, row?.id);
    assert.equal(status_code, null);
    assert.equal(timed_out, true);
    assert.match(error_msg, /Timeout of 100 ms/);
  }));

Deno.test("a refused connection leaves a row with the error", () =>
  withSender(async ({ sql, ...database }) => {
    const url = `http://127.0.0.1:${freePort()}/`;
    const [row] = await sql`select net.http_get(${url}) as id`;
    const { status_code, error_msg } = await response({ sql, ...database }, row?.id);
    assert.equal(status_code, null);
    assert.equal(error_msg, "Couldn't connect to server");
  }));

Deno.test("responses of a batch appear together, when the slowest is done", () =>
  withSender(async ({ sql, ...database }, receiver) => {
    const [ids] = await sql`
      select
        net.http_get(${receiver.url + "/slow"}) as slow,
        net.http_get(${receiver.url + "/fast"}) as fast
    `;
    await eventually("both requests", () => receiver.received.length === 2 || undefined);
    assert.equal((await sql`select from net._http_response`).length, 0);
    await response({ sql, ...database }, ids?.fast);
    assert.equal((await sql`select from net._http_response`).length, 2);
  }));

Deno.test("a post with another content type is refused", () =>
  withSender(async ({ sql }) => {
    await assert.rejects(
      sql`select net.http_post('http://127.0.0.1:1/', headers := '{"content-type": "text/plain"}')`,
      /Content-Type header must be/,
    );
  }));
