import { handle, type JobContext, RetryError } from "../../../../shared/core/job/handler.ts";
import { serveWorker } from "../../worker/serve.ts";
import { hostileJob } from "./definition.ts";

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const fail = (): never => {
  throw new TypeError("planted in a payload");
};

function nested(depth: number): unknown {
  let value: unknown = [];
  while (--depth > 0) value = [value];
  return value;
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

/** What a handler returns, throws or leaves behind. */
const ACTIONS: Record<string, (ctx: JobContext) => unknown> = {
  deep_result: () => nested(10_000),
  huge_result: () => "x".repeat(300_000),
  repeated_result: () => Array(100_000).fill("x".repeat(100_000)),
  buffer_result: () => ({ file: new Uint8Array(50_000_000) }),
  escaped_result: () => "\u0001".repeat(60_000),
  bigint_result: () => ({ n: 1n }),
  cyclic_result: () => cycle,
  throwing_result: () => ({ toJSON: fail }),
  revoked_result: () => ({ deep: revoked() }),
  revoked_return: () => revoked(),
  text_result: () => ({ text: "a\0b\ud800", "k\0": 1 }),
  long_number_result: () => Array(5_000).fill(1e300),
  changed_result() {
    const result: { n: unknown } = { n: 1 };
    setTimeout(() => result.n = 1n);
    return result;
  },
  throw_revoked() {
    throw revoked();
  },
  throw_null() {
    throw null;
  },
  throw_unreadable() {
    throw Object.defineProperty(new RetryError(""), "message", { get: fail });
  },
  throw_long() {
    throw new Error("\u0001".repeat(100_000));
  },
  floating_rejection: () => void Promise.reject(new Error("planted in a payload")),
  floating_revoked: () => void Promise.reject(revoked()),
  async late_rejection() {
    void new Promise((resolve) => setTimeout(resolve, 20)).then(fail);
    await new Promise((resolve) => setTimeout(resolve, 50));
  },
  async timer() {
    setTimeout(fail, 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
  },
  timer_revoked: () =>
    void setTimeout(() => {
      throw revoked();
    }),
  abort_revoked: ({ signal }) =>
    new Promise(() => {
      signal.addEventListener("abort", () => {
        throw revoked();
      });
    }),
  stuck_after_throw: () => new Promise(() => void setTimeout(fail, 5)),
  progress(ctx) {
    for (
      const value of [1n, cycle, revoked(), { toJSON: fail }, nested(10_000), "x".repeat(9_000)]
    ) {
      ctx.progress(value);
    }
    ctx.progress({ text: "a\0b\ud800" });
  },
  log(ctx) {
    for (
      const values of [{ n: 1n }, revoked(), {
        get a() {
          return fail();
        },
      }, cycle]
    ) {
      ctx.log("hostile", values as Record<string, number>);
    }
    ctx.log(revoked() as unknown as string);
    ctx.log("a\r\nb\0\ud800");
  },
};

serveWorker({
  handlers: [handle(hostileJob, ({ how }, ctx) => ACTIONS[how]!(ctx))],
});
