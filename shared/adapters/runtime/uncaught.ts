import process from "node:process";
import timers from "node:timers";

type Callback = (...values: unknown[]) => unknown;
type Scheduler = (callback: unknown, ...rest: unknown[]) => unknown;
type Listen = (this: EventTarget, type: string, listener: unknown, options?: unknown) => void;

/** A scope that a callback was created in, as long as it is the only one. */
interface Owner<Tag> {
  tag: Tag | undefined;
}

const SCHEDULERS = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "nextTick"];

/**
 * Keeps the isolate alive when code throws outside of every promise that is awaited: rejections,
 * timers, microtasks and listeners. Deno 2.1.4, the current Deno and the edge runtime end the
 * isolate otherwise, and with it the jobs of all tenants. `report` gets what was thrown and the
 * scope of the code, as `current` returns it. On Deno 2.1.4 a rejection has no scope. `listen` calls
 * back for rejections and errors, and keeps the process alive.
 */
export function catchUncaught<Tag>(
  current: () => Tag | undefined,
  report: (thrown: unknown, tag: Tag | undefined) => void,
  listen: (onThrown: (thrown: unknown) => void) => void = listenToEvents,
): void {
  listen((thrown) => report(thrown, current()));
  // The runtime reads a thrown value before it dispatches the event, and a revoked Proxy ends it
  // there. So callbacks are guarded by themselves as well.
  const guard = (callback: Callback, owner: Owner<Tag>): Callback =>
    function (this: unknown, ...values: unknown[]) {
      try {
        return callback.apply(this, values);
      } catch (thrown) {
        report(thrown, current() ?? owner.tag);
      }
    };
  Reflect.set(globalThis, "reportError", (thrown: unknown) => report(thrown, current()));
  guardSchedulers((callback) => guard(callback, { tag: current() }));
  guardListeners(current, guard);
}

/** Listens as Deno and the edge runtime report it. */
function listenToEvents(onThrown: (thrown: unknown) => void): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    onThrown(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    onThrown(event.error);
  });
}

/** Guards the schedulers that packages use: those of the global scope and those of Node. */
function guardSchedulers(guard: (callback: Callback) => Callback): void {
  for (const holder of [globalThis, timers, process] as unknown as Record<string, Scheduler>[]) {
    for (const name of SCHEDULERS) {
      const schedule = holder[name];
      if (!schedule) continue;
      const guarding = function (this: unknown, callback: unknown, ...rest: unknown[]) {
        const guarded = typeof callback === "function" ? guard(callback as Callback) : callback;
        return schedule.call(this, guarded, ...rest);
      };
      // Some have a member for `promisify`. A runtime that forbids the change keeps its own.
      const members = Object.getOwnPropertyDescriptors(schedule);
      Reflect.set(holder, name, Object.defineProperties(guarding, members));
    }
  }
}

/** Also covers `onmessage` and the like, which the runtime sets as listeners. */
function guardListeners<Tag>(
  current: () => Tag | undefined,
  guard: (callback: Callback, owner: Owner<Tag>) => Callback,
): void {
  const { prototype } = EventTarget as unknown as { prototype: Record<string, Listen> };
  // One guard per listener, so that adding it twice and removing it work as before.
  const guards = new WeakMap<object, { guarded: Callback; owner: Owner<Tag> }>();
  const guardOf = (listener: unknown): unknown => {
    const call = callOf(listener);
    if (!call) return listener;
    const known = guards.get(listener as object);
    if (known) {
      // Added by several attempts: none of them can be blamed.
      if (known.owner.tag !== current()) known.owner.tag = undefined;
      return known.guarded;
    }
    const owner = { tag: current() };
    const guarded = guard(call, owner);
    guards.set(listener as object, { guarded, owner });
    return guarded;
  };
  for (const name of ["addEventListener", "removeEventListener"]) {
    const listen = prototype[name]!;
    prototype[name] = function (type, listener, options) {
      return listen.call(this, type, guardOf(listener), options);
    };
  }
}

/** Returns what a listener does: a function, or an object with `handleEvent`. */
function callOf(listener: unknown): Callback | undefined {
  if (typeof listener === "function") return listener as Callback;
  if (typeof listener !== "object" || listener === null) return undefined;
  return (...values) => (listener as { handleEvent: Callback }).handleEvent(...values);
}
