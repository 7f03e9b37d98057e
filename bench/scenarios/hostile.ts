import { type Stack, startStack } from "../../local/stack/stack.ts";
import { SENDERS } from "../../shared/core/webhook/fake_senders.ts";
import type { Bench } from "../harness/bench.ts";
import {
  interleave,
  median,
  millisecondsOf,
  ratios,
  report,
  valuesOf,
} from "../harness/harness.ts";
import { openJobForge } from "../harness/jobforge.ts";
import { type Row, significant, targetOf } from "../harness/rows.ts";
import { enqueuer } from "./http_enqueue.ts";
import { makeEndpoint } from "./webhooks.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/** A request that costs its function as much as it can. */
interface Hostile {
  what: string;
  to: "enqueue" | "webhook-verify";
  type: string;
  body: () => BodyInit;
  headers?: Record<string, string>;
}

const KINDS: Hostile[] = [
  { what: "brackets", to: "enqueue", type: JSON_TYPE, body: () => "[".repeat(260_000) },
  {
    what: "a list of numbers that no double holds",
    to: "enqueue",
    type: JSON_TYPE,
    body: () => `{"type":"a","payload":[${"1e400,".repeat(40_000)}1]}`,
  },
  {
    what: "names that occur twice",
    to: "enqueue",
    type: JSON_TYPE,
    body: () => `{${'"a":1,'.repeat(40_000)}"a":1}`,
  },
  { what: "single bytes", to: "enqueue", type: JSON_TYPE, body: () => singleBytes(2_000) },
  {
    what: "a form of 43,000 members",
    to: "webhook-verify",
    type: FORM,
    body: () => Array.from({ length: 43_000 }, (_, n) => `${n}=1`).join("&").slice(0, 260_000),
    headers: { "x-twilio-signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
  },
  {
    what: "5 MiB without a valid signature",
    to: "webhook-verify",
    type: JSON_TYPE,
    body: () => "x".repeat(5 * 1024 * 1024),
  },
  { what: "single bytes", to: "webhook-verify", type: JSON_TYPE, body: () => singleBytes(2_000) },
];

/** How much one hostile request delays the requests of others to the same function. */
export async function hostileRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const functions = ["enqueue", "webhook-verify"] as const;
  const stack = await startStack({ database: jobforge.database, functions: [...functions] });
  try {
    await stack.startFunctions();
    await jobforge.sql`update jobforge.settings set project_url = null`;
    const stripe = await makeEndpoint(jobforge, "stripe", true);
    const twilio = await makeEndpoint(jobforge, "twilio", true, "twilio");
    const honest = {
      enqueue: await enqueuer(stack, 2, "functions"),
      "webhook-verify": eventSender(stack, stripe),
    };
    const rows: Row[] = [];
    for (const kind of KINDS) {
      report(`${kind.to}: ${kind.what} …`);
      const id = kind.headers ? twilio : stripe;
      rows.push(await delayRow(bench, kind, honest[kind.to], await attacker(stack, kind, id)));
    }
    return rows;
  } finally {
    await stack.stop();
    await jobforge.close();
  }
}

async function delayRow(
  bench: Bench,
  { to, what }: Hostile,
  call: () => Promise<unknown>,
  attack: () => Promise<number>,
): Promise<Row> {
  const calls = bench.size(100, 40);
  const lasted: number[] = [];
  const run = () => medianOf(calls, call);
  const beside = async () => {
    const [value, ms] = await Promise.all([run(), millisecondsOf(attack)]);
    lasted.push(ms);
    return value;
  };
  const cells = [{ name: "beside", run: beside }, { name: "alone", run }];
  const series = await interleave(cells, bench.rounds(7, 3));
  const values = ratios(series, "beside", "alone");
  const ms = (name: string) => significant(median(valuesOf(series, name)));
  return {
    work: `${to}: median beside ${what}, of the same alone`,
    measured: median(values),
    unit: "×",
    spread: [Math.min(...values), Math.max(...values)],
    ...targetOf({ atMost: 2 }),
    note: `${calls} calls a round, ${ms("beside")} ms against ${ms("alone")} ms; ` +
      `one such request a round, which takes ${significant(median(lasted))} ms`,
  };
}

async function medianOf(calls: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < calls; n++) times.push(await millisecondsOf(call));
  return median(times);
}

/** Sends one hostile request. Throws when it was not refused. */
async function attacker(stack: Stack, kind: Hostile, id: string): Promise<() => Promise<number>> {
  const path = kind.to === "enqueue" ? kind.to : `${kind.to}/${id}`;
  const token = await stack.signUserToken({ tenantId: "00000000-0000-4000-8000-000000000001" });
  const headers = {
    ...(kind.to === "enqueue"
      ? { apikey: stack.publishableKey, authorization: `Bearer ${token}` }
      : {}),
    ...{ "content-type": kind.type, ...kind.headers },
  };
  return async () => {
    const request = { method: "POST", headers, body: kind.body() };
    const response = await fetch(`${stack.url}/functions/v1/${path}`, request);
    await response.body?.cancel();
    if (response.status < 400 || response.status >= 500) {
      throw new Error(`${kind.what}: answered ${response.status}`);
    }
    return response.status;
  };
}

function eventSender(stack: Stack, id: string): () => Promise<void> {
  const { secret, send } = SENDERS.stripe;
  return async () => {
    const event = JSON.stringify({ id: `evt_${crypto.randomUUID()}` });
    const { body, headers } = send(secret, event, Math.floor(Date.now() / 1000));
    const url = `${stack.url}/functions/v1/webhook-verify/${id}`;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.body?.cancel();
    if (response.status !== 202) throw new Error(`an event was answered ${response.status}`);
  };
}

function singleBytes(length: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array([0x5b]));
      if (++sent === length) controller.close();
    },
  });
}
