import { flushCount } from "./batch_size.ts";
import type { RunBudget } from "./budget.ts";
import { POLLS_UNTIL_DRAINED } from "./retry_delay.ts";

/** The reason why a run ends. */
export type EndReason = "drained" | "wall_clock" | "cpu" | "shutdown" | "error";

/** The state of a run at one moment. Times are milliseconds since its start. */
export interface RunView {
  now: number;
  budget: RunBudget;
  cpuExhausted: boolean;
  batchSize: number;
  /** Claimed jobs that have not ended: waiting for a slot, or running. */
  held: number;
  /** Maximum number of jobs to claim now, by the bytes that are held. */
  affordable: number;
  /** The moment when a waiting job is held too long. Infinity when none waits. */
  heldTooLongAt: number;
  outcomes: number;
  /** Bytes of all waiting outcomes. */
  outcomeBytes: number;
  firstOutcomeAt: number;
  /** Moment to repeat the outcomes that the database could not record yet. Infinity for none. */
  repeatAt: number;
  progressWaiting: boolean;
  /** Time of the last call that extended the leases. */
  lastCallAt: number;
  /** Earliest moment for a claim that carries no outcomes. */
  nextPollAt: number;
  /** Number of consecutive empty claims while the run held no job. */
  idleClaims: number;
  /** True when a scheduled job comes due soon. */
  dueSoon: boolean;
  /** True for a run that polls on while it is idle. */
  staysIdle: boolean;
  /** Earliest moment of a call after a failed one. 0 when the last call worked. */
  notBefore: number;
  /** True after a claim with a lost reply: the run may hold leases of unknown jobs. */
  claimLost: boolean;
}

/** The next step of a run. */
export type Step =
  | { kind: "call"; limit: number }
  | { kind: "heartbeat" }
  | { kind: "recover" }
  | { kind: "wait"; until: number }
  | { kind: "finish"; reason: EndReason };

/** Maximum wait of an outcome for others to share its round trip. */
export const FLUSH_MS = 50;
/** Outcomes of this many bytes are reported at once. */
export const FLUSH_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 5_000;
const PROGRESS_HEARTBEAT_MS = 1_000;

/** Returns why the run takes no more jobs, or undefined while it does. */
export function stopReason(view: RunView): EndReason | undefined {
  if (view.cpuExhausted) return "cpu";
  return view.now >= view.budget.claimUntilMs ? "wall_clock" : undefined;
}

/** Returns the next step of a run. The same view always gives the same step. */
export function nextStep(view: RunView): Step {
  const { now, budget, outcomes, held } = view;
  if (now >= budget.reportMs) return { kind: "finish", reason: endReason(view) };
  if (now < view.notBefore) {
    return { kind: "wait", until: Math.min(view.notBefore, budget.reportMs) };
  }
  if (view.claimLost) return { kind: "recover" };
  const stopped = stopReason(view);
  const available = stopped ? 0 : Math.max(0, Math.min(view.batchSize - held, view.affordable));
  const repeats = now >= view.repeatAt;
  if (repeats || (outcomes > 0 && flushIsDue(view))) return { kind: "call", limit: available };
  if (held === 0 && outcomes === 0 && view.repeatAt === Infinity) {
    if (stopped) return { kind: "finish", reason: stopped };
    if (isDrained(view)) return { kind: "finish", reason: "drained" };
  }
  if (available > 0 && outcomes === 0 && now >= view.nextPollAt) {
    return { kind: "call", limit: available };
  }
  if (held > 0 && now >= heartbeatAt(view)) return { kind: "heartbeat" };
  return { kind: "wait", until: nextMoment(view, available) };
}

function flushIsDue(view: RunView): boolean {
  return view.held === 0 || view.outcomes >= flushCount(view.batchSize) ||
    view.outcomeBytes >= FLUSH_BYTES || view.now >= view.firstOutcomeAt + FLUSH_MS;
}

function isDrained(view: RunView): boolean {
  return view.idleClaims >= POLLS_UNTIL_DRAINED && !view.dueSoon && !view.staysIdle;
}

function endReason(view: RunView): EndReason {
  return view.notBefore > 0 ? "error" : stopReason(view) ?? "wall_clock";
}

function heartbeatAt(view: RunView): number {
  return view.lastCallAt + (view.progressWaiting ? PROGRESS_HEARTBEAT_MS : HEARTBEAT_MS);
}

function nextMoment(view: RunView, available: number): number {
  const { budget, now } = view;
  const moments = [budget.reportMs, view.heldTooLongAt, view.repeatAt];
  if (now < budget.claimUntilMs) moments.push(budget.claimUntilMs);
  if (now < budget.interruptMs) moments.push(budget.interruptMs);
  if (available > 0 && view.outcomes === 0) moments.push(view.nextPollAt);
  if (view.outcomes > 0) moments.push(view.firstOutcomeAt + FLUSH_MS);
  if (view.held > 0) moments.push(heartbeatAt(view));
  return Math.min(...moments);
}
