import type { StopCause } from "../../worker/drain.ts";

interface EdgeRuntimeGlobal {
  waitUntil?: (promise: Promise<unknown>) => unknown;
}

function edgeRuntime(): EdgeRuntimeGlobal | undefined {
  return (globalThis as { EdgeRuntime?: EdgeRuntimeGlobal }).EdgeRuntime;
}

/**
 * Returns whether this process is Supabase's edge runtime, which limits CPU and wall clock. The
 * user agent decides, because development servers also imitate `EdgeRuntime`.
 */
export function isEdgeRuntime(): boolean {
  return navigator.userAgent.includes("SupabaseEdgeRuntime");
}

/**
 * Keeps the isolate alive until a promise settles. A process outside the edge runtime stays alive
 * anyway.
 */
export function keepAlive(promise: Promise<unknown>): void {
  edgeRuntime()?.waitUntil?.(promise);
}

const CAUSES: Record<string, StopCause> = {
  cpu: "cpu",
  memory: "memory",
  wall_clock: "wall_clock",
};

/**
 * Calls `stop` before the isolate ends, with the reason of the edge runtime (`detail.reason`: cpu,
 * memory, wall_clock, early_drop, termination).
 */
export function onUnload(stop: (cause: StopCause) => void): void {
  addEventListener("beforeunload", (event) => {
    const reason = (event as CustomEvent<{ reason?: string } | null>).detail?.reason ?? "";
    stop(Object.hasOwn(CAUSES, reason) ? CAUSES[reason]! : "shutdown");
  });
}
