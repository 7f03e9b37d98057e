import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import type { JobForge } from "../../shared/client.ts";
import { useJob, useJobs } from "./react.ts";

interface Container {
  textContent: string;
}

const window = parseHTML("<div id=root></div>") as unknown as {
  document: { querySelector(selector: string): Container };
};
const { document } = window;
Object.assign(globalThis, { document, window, IS_REACT_ACT_ENVIRONMENT: false });
const { createElement, StrictMode } = await import("react");
const dom = await import("react-dom/client");
const createRoot = dom.createRoot as (container: Container) => {
  render(element: unknown): void;
  unmount(): void;
};

async function until(check: () => boolean): Promise<void> {
  for (let look = 0; look < 300 && !check(); look++) await new Promise((go) => setTimeout(go, 10));
  assert.ok(check());
}

/** Watches that the test feeds, with the arguments of each. */
function fakeJobForge() {
  const opened: { args: unknown[]; signal: AbortSignal; push(value: unknown): void }[] = [];
  const watch = (...args: unknown[]) => {
    const waiting: ((value: unknown) => void)[] = [];
    const { signal } = args[1] as { signal: AbortSignal };
    opened.push({ args, signal, push: (value) => waiting.shift()!(value) });
    return (async function* () {
      for (;;) {
        const value = await new Promise((resolve) => waiting.push(resolve));
        if (value instanceof Error) throw value;
        yield value;
      }
    })();
  };
  return { opened, jobforge: { watchJob: watch, watchJobs: watch } as unknown as JobForge };
}

const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("the hooks of React render what they watch", options, async (t) => {
  const container = document.querySelector("#root");
  const { opened, jobforge } = fakeJobForge();
  const Shown = ({ id }: { id?: string }) => {
    const { data, error } = useJob(jobforge, id);
    return createElement("p", null, `${data?.status ?? "none"} ${(error as Error)?.message ?? ""}`);
  };
  const root = createRoot(container);
  const live = () => opened.filter(({ signal }) => !signal.aborted);
  await t.step("a job, also when React mounts it twice", async () => {
    root.render(createElement(StrictMode, null, createElement(Shown, { id: "one" })));
    await until(() => live().length === 1);
    live()[0]!.push({ status: "queued" });
    await until(() => container.textContent === "queued ");
    live()[0]!.push({ status: "running" });
    await until(() => container.textContent === "running ");
  });
  await t.step("another job begins anew, and the watch of the first ends", async () => {
    const [first] = live();
    root.render(createElement(StrictMode, null, createElement(Shown, { id: "two" })));
    await until(() => first!.signal.aborted && container.textContent === "none ");
    assert.deepEqual(live().map(({ args }) => args[0]), ["two"]);
  });
  await t.step("an error is shown beside what was read", async () => {
    live()[0]!.push({ status: "queued" });
    await until(() => container.textContent === "queued ");
    live()[0]!.push(new Error("away"));
    await until(() => container.textContent === "queued away");
  });
  await t.step("without a job nothing is watched", async () => {
    root.render(createElement(StrictMode, null, createElement(Shown)));
    await until(() => container.textContent === "none " && live().length === 0);
  });
  await t.step("a page of jobs, by equal filters once", async () => {
    const List = () => {
      const { data } = useJobs(jobforge, { status: "queued" }, { limit: 5 });
      return createElement("p", null, data ? `${data.jobs.length} jobs` : "none");
    };
    const before = opened.length;
    root.render(createElement(List));
    await until(() => live().length === 1);
    live()[0]!.push({ jobs: [1, 2], next: null });
    await until(() => container.textContent === "2 jobs");
    root.render(createElement(List));
    assert.equal(opened.length, before + 1);
    assert.equal((live()[0]!.args[1] as { limit: number }).limit, 5);
    root.unmount();
    await until(() => live().length === 0);
  });
});
