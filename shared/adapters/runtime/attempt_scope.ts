import { AsyncLocalStorage } from "node:async_hooks";
import type { AttemptScope, AttemptTag } from "../../worker/ports.ts";

const storage = new AsyncLocalStorage<AttemptTag>();

/**
 * The attempt that running code belongs to. It holds across promises and timers on Deno 2.1.4, the
 * edge runtime and the current Deno. It holds no payload, because a connection that a handler opens
 * and keeps would hold it as well.
 */
export const attemptScope: AttemptScope & { current(): AttemptTag | undefined } = {
  run: (tag, callback) => storage.run(tag, callback),
  current: () => storage.getStore(),
};
