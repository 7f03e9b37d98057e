import type { StopCause } from "../../worker/drain.ts";

interface EdgeRuntimeGlobal {
  waitUntil?: (promise: Promise<unknown>) => unknown;
}

function edgeRuntime(): EdgeRuntimeGlobal | undefined {
  return (globalThis as { EdgeRuntime?: EdgeRuntimeGlobal }).EdgeRuntime;
}

/**
 * Whether this process is Supabase's edge runtime, which bounds CPU and wall clock. Told by the
 * user agent: `EdgeRuntime` itself is also imitated by development servers.
 */
export function isEdgeRuntime(): boolean {
  return navigator.userAgent.includes("SupabaseEdgeRuntime");
}

/** Keeps the isolate alive until a promise settles; elsewhere the process lives on anyway. */
export function keepAlive(promise: Promise<unknown>): void {
  edgeRuntime()?.waitUntil?.(promise);
}

const CAUSES: Record<string, StopCause> = {
  cpu: "cpu",
  memory: "memory",
  wall_clock: "wall_clock",
};

/**
 * Calls back when the isolate is about to go, with the reason the edge runtime gives
 * (`detail.reason`: cpu, memory, wall_clock, early_drop, termination).
 */
export function onUnload(stop: (cause: StopCause) => void): void {
  addEventListener("beforeunload", (event) => {
    const reason = (event as CustomEvent<{ reason?: string } | null>).detail?.reason ?? "";
    stop(Object.hasOwn(CAUSES, reason) ? CAUSES[reason]! : "shutdown");
  });
}
