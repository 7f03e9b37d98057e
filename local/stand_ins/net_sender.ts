import { connect, type Sql } from "../postgres/database.ts";

/** A running sender. See `startNetSender`. */
export interface NetSender {
  /** Sends no more requests, and cancels the open ones. */
  stop(): Promise<void>;
}

interface QueuedRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: Uint8Array | null;
  timeout_milliseconds: number;
}

interface StoredResponse {
  id: string;
  status_code: number | null;
  content_type: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timed_out: boolean | null;
  error_msg: string | null;
}

const BATCH_SIZE = 200;
const POLL_MS = 1000;
const RESPONSES_KEPT = "6 hours";

/**
 * Sends the requests queued through the `net` stand-in as pg_net does: after their commit, a batch at
 * a time in one transaction, so that the responses of a batch appear together when its slowest
 * request is done, and a killed sender sends the batch again.
 * `adminUrl` belongs to a superuser of the database. `report` receives the error of a batch.
 */
export async function startNetSender(
  adminUrl: string,
  report: (error: unknown) => void = console.error,
): Promise<NetSender> {
  const sql = connect(adminUrl);
  const listener = connect(adminUrl);
  const stopping = new AbortController();
  let wake = () => {};
  await listener.listen("jobforge_local_net", () => wake());
  const loop = run();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const woken = new Promise<void>((done) => wake = done);
      const sent = await sendBatch(sql, stopping.signal).catch((error) => {
        if (!stopping.signal.aborted) report(error);
        return 0;
      });
      if (sent === 0) await Promise.race([woken, pause(POLL_MS, stopping.signal)]);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all([sql.end(), listener.end()]);
    },
  };
}

async function sendBatch(sql: Sql, stopping: AbortSignal): Promise<number> {
  await sql`delete from net._http_response where created < now() - ${RESPONSES_KEPT}::interval`;
  return await sql.begin(async (transaction) => {
    const batch = await transaction<QueuedRequest[]>`
      delete from net.http_request_queue
      where id in (select id from net.http_request_queue order by id limit ${BATCH_SIZE})
      returning id, method, url, headers, body, timeout_milliseconds
    `;
    if (batch.length === 0) return 0;
    const responses = await Promise.all(batch.map((request) => send(request, stopping)));
    stopping.throwIfAborted();
    await transaction`
      insert into net._http_response ${
      transaction(
        responses.map((response) => ({
          ...response,
          headers: response.headers && transaction.json(response.headers),
        })),
      )
    }
    `;
    return batch.length;
  });
}

async function send(request: QueuedRequest, stopping: AbortSignal): Promise<StoredResponse> {
  const { id, method, url, headers, body, timeout_milliseconds } = request;
  const timeout = AbortSignal.timeout(timeout_milliseconds);
  try {
    const response = await fetch(url, {
      method: method.toUpperCase(),
      headers: { "user-agent": "pg_net/0.20.4", ...headers },
      body: body && new Uint8Array(body),
      signal: AbortSignal.any([timeout, stopping]),
    });
    return {
      id,
      status_code: response.status,
      content_type: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      content: await response.text(),
      timed_out: false,
      error_msg: null,
    };
  } catch (error) {
    return failedResponse(id, timeout.aborted, timeout_milliseconds, error);
  }
}

function failedResponse(
  id: string,
  timedOut: boolean,
  timeoutMs: number,
  error: unknown,
): StoredResponse {
  const nothing = { id, status_code: null, content_type: null, headers: null, content: null };
  if (timedOut) {
    const error_msg = `Timeout of ${timeoutMs} ms reached.`;
    return { ...nothing, timed_out: true, error_msg };
  }
  const reason = String((error as Error).cause ?? error);
  const error_msg = /connect|refused|dns/i.test(reason) ? "Couldn't connect to server" : reason;
  return { ...nothing, timed_out: false, error_msg };
}

/** Ends early, and leaves no timer, when `signal` aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener("abort", finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      done();
    }
  });
}
