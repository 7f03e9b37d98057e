import assert from "node:assert/strict";
import { fillCalendar } from "./calendar_api.ts";
import type { Call, DataApi, Reply } from "./data_api.ts";

const NIGHTLY = {
  ...{ id: "a", version: 2, expression: "0 3 * * *" },
  resume: "2030-01-01T00:00:00+00:00",
  windows: [{ after: "2029-12-30T00:00", count: 1 }, { after: "2030-01-01T00:00", count: 2 }],
};

/** A fake database that answers each call with the next list and records the arguments. */
function fakeApi(...answers: unknown[][]): { api: DataApi; given: unknown[] } {
  const given: unknown[] = [];
  const api = {
    rpc(_name: string, args: Record<string, unknown>) {
      given.push(args.p_filled);
      const reply: Reply = { data: answers.shift() ?? [NIGHTLY], error: null, status: 200 };
      return { abortSignal: () => Promise.resolve(reply) } as unknown as Call;
    },
  } as unknown as DataApi;
  return { api, given };
}

Deno.test("schedules that run low get their next occurrences", async () => {
  const { api, given } = fakeApi([NIGHTLY], []);
  assert.equal(await fillCalendar(api), 1);
  assert.deepEqual(given, [[], [{
    id: "a",
    version: 2,
    resume: "2030-01-01T00:00:00+00:00",
    times: ["2029-12-30T03:00", "2030-01-01T03:00", "2030-01-02T03:00"],
  }]]);
});

Deno.test("when none runs low one call is all", async () => {
  const { api, given } = fakeApi([]);
  assert.equal(await fillCalendar(api), 0);
  assert.deepEqual(given, [[]]);
});

Deno.test("an expression the parser rejects is stored as a problem and stops no other schedule", async () => {
  const { api, given } = fakeApi([{ ...NIGHTLY, expression: "5-1 * * * *" }, NIGHTLY], []);
  assert.equal(await fillCalendar(api), 2);
  const [invalid, sound] = given[1] as { times?: string[]; problem?: string }[];
  assert.equal(invalid!.times, undefined);
  assert.match(invalid!.problem!, /larger/);
  assert.equal(sound!.times!.length, 3);
});

Deno.test("a run fills a bounded number of schedules", async () => {
  const { api, given } = fakeApi();
  assert.equal(await fillCalendar(api), 5);
  assert.equal(given.length, 6);
});
