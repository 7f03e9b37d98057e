import assert from "node:assert/strict";
import type { KeeperState } from "../../shared/worker/keeper.ts";
import { VERSION } from "../../shared/core/version.ts";
import { newReport } from "../../shared/worker/run_report.ts";
import { startAttendant } from "./attendant.ts";

/** The database of a worker that is not blocked is not called from its other thread. */
const connection = {
  ...{ supabaseUrl: "http://127.0.0.1:1", serviceKey: "sb_secret_planted" },
  ...{ databaseUrl: undefined, prepare: true },
};

async function answerOf(port: number, path: string, method = "GET") {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { status: response.status, text: await response.text() };
}

/** Waits until the other thread has the state, which it gets in order. */
async function healthOf(port: number, status: string): Promise<{ status: number; body: unknown }> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const answer = await answerOf(port, "/health");
    const body = JSON.parse(answer.text);
    if (body.status === status) return { status: answer.status, body };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`waited ten seconds for ${status}`);
}

Deno.test("health is 200 while the worker has a run, and metrics count what it did", async () => {
  const attendant = startAttendant({ connection, host: "127.0.0.1", port: 0 });
  const totals = { ...newReport(0), succeeded: 5, unsuccessful: 2, calls: 9, failedCalls: 1 };
  const state: KeeperState = { state: "running", runId: 7, held: 3, totals };
  try {
    const port = (await attendant.listening)!;
    assert.equal((await healthOf(port, "starting")).status, 503);
    attendant.post(state);
    const { status, body } = await healthOf(port, "running");
    const { busy_ms, ...rest } = body as Record<string, unknown>;
    assert.deepEqual([status, rest], [200, {
      status: "running",
      version: VERSION,
      run_id: 7,
      held: 3,
    }]);
    assert.equal(typeof busy_ms, "number");
    const { text } = await answerOf(port, "/metrics");
    for (
      const line of [
        'jobforge_worker_jobs_total{outcome="succeeded"} 5',
        'jobforge_worker_jobs_total{outcome="unsuccessful"} 2',
        'jobforge_worker_calls_total{result="ok"} 8',
        'jobforge_worker_calls_total{result="failed"} 1',
        "jobforge_worker_jobs_held 3",
        "jobforge_worker_has_run 1",
      ]
    ) assert.ok(text.split("\n").includes(line), line);
    assert.doesNotMatch(text, /planted/);
    assert.deepEqual([await answerOf(port, "/"), await answerOf(port, "/health", "POST")], [
      ...[{ status: 404, text: "" }, { status: 405, text: "" }],
    ]);
    attendant.post({ ...state, state: "stopping" });
    assert.equal((await healthOf(port, "stopping")).status, 503);
  } finally {
    await attendant.stop();
  }
});

Deno.test("without a port nothing listens", async () => {
  const attendant = startAttendant({ connection, host: "127.0.0.1", port: undefined });
  assert.equal(await attendant.listening, undefined);
  await attendant.stop();
});
