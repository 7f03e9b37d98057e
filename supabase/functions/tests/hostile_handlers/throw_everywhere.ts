/**
 * A process with handlers that throw outside their promises. `uncaught_test.ts` starts it, because
 * such an error must not end it. It prints the version of Deno, the job of each error, and `alive`.
 */
import process from "node:process";
import timers from "node:timers";
import { promisify } from "node:util";
import { attemptScope } from "../../../../shared/adapters/runtime/attempt_scope.ts";
import { catchUncaught } from "../../../../shared/adapters/runtime/uncaught.ts";
import type { AttemptTag } from "../../../../shared/worker/ports.ts";

const fail = () => {
  throw new Error("planted");
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** What handlers throw. */
const VALUES: Record<string, () => unknown> = {
  error: () => new Error("text"),
  null: () => null,
  undefined: () => undefined,
  symbol: () => Symbol("text"),
  revoked,
  unreadable: () => ({
    ...{ toString: fail, [Symbol.toPrimitive]: fail },
    get message() {
      return fail();
    },
    get stack() {
      return fail();
    },
  }),
};

/** Where they throw it. */
const PLACES: Record<string, (throwIt: () => never) => void> = {
  rejection: (throwIt) => void new Promise(throwIt),
  lateRejection: (throwIt) => void new Promise((resolve) => setTimeout(resolve, 2)).then(throwIt),
  timer: (throwIt) => void setTimeout(throwIt, 1),
  interval(throwIt) {
    const timer = setInterval(() => {
      clearInterval(timer);
      throwIt();
    }, 1);
  },
  microtask: (throwIt) => queueMicrotask(throwIt),
  nodeTimer: (throwIt) => void timers.setTimeout(throwIt, 1),
  nodeImmediate: (throwIt) => void timers.setImmediate(throwIt),
  beforeTimers: (throwIt) => process.nextTick(throwIt),
  reported(throwIt) {
    try {
      throwIt();
    } catch (thrown) {
      reportError(thrown);
    }
  },
  port(throwIt) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      throwIt();
    };
    port2.postMessage(1);
  },
  abort(throwIt) {
    const controller = new AbortController();
    controller.signal.addEventListener("abort", throwIt);
    // By a caller that has no scope, as the worker stops a handler.
    stops.push(() => controller.abort());
  },
  onabort(throwIt) {
    const controller = new AbortController();
    controller.signal.onabort = throwIt;
    controller.abort();
  },
  listenerObject(throwIt) {
    const target = new EventTarget();
    target.addEventListener("x", { handleEvent: throwIt });
    target.dispatchEvent(new Event("x"));
  },
};

const stops: (() => void)[] = [];

console.log(Deno.version.deno);
catchUncaught<AttemptTag>(attemptScope.current, (_thrown, tag) => {
  console.log(tag?.jobId ?? "unknown");
});

for (const [place, start] of Object.entries(PLACES)) {
  for (const [kind, make] of Object.entries(VALUES)) {
    const tag = {
      ...{ runId: 1, tenantId: "t", jobId: `${place}/${kind}` },
      type: "x",
      attempt: 1,
    };
    const throwIt = () => {
      throw make();
    };
    await attemptScope.run(tag, () => Promise.resolve().then(() => start(throwIt)));
  }
}
for (const stop of stops) stop();
removedAndShared();
await new Promise((resolve) => setTimeout(resolve, 100));
await promisify(timers.setTimeout)(1);
console.log("promisified");
console.log("alive");

/** Listeners are removed as before, and one that several attempts share blames none. */
function removedAndShared(): void {
  const target = new EventTarget();
  const shared = () => {
    throw new Error("shared");
  };
  const removed = () => console.log("removed");
  for (const jobId of ["first", "second"]) {
    const tag = { ...{ runId: 1, tenantId: "t", jobId }, type: "x", attempt: 1 };
    attemptScope.run(tag, () => target.addEventListener("x", shared));
  }
  target.addEventListener("x", removed);
  target.removeEventListener("x", removed);
  target.dispatchEvent(new Event("x"));
}
