import type { Bytes } from "../core/encoding/bytes.ts";
import { PermanentError, PostponeError } from "../core/job/handler.ts";
import type { ClaimedJob, Clock } from "./ports.ts";

/**
 * Bytes of stored bodies that the jobs of an isolate hold at a time. What a handler parses from
 * them can take ten times as much, of the 256 MB that an isolate has.
 */
export const HELD_BODY_BYTES = 8 * 1024 * 1024;
const MAX_BODY_BYTES = 5 * 1024 * 1024;
const WAIT_MS = 10_000;
const POSTPONE_MS = 5_000;

/** Reads the body of a job that a run holds: `size` bytes. */
export type ReadBody = (
  runId: number,
  job: ClaimedJob,
  size: number,
  signal: AbortSignal,
) => Promise<Bytes>;

/** A body that an attempt asked for. It counts until it is released. */
export interface OpenBody {
  readonly bytes: Promise<Bytes>;
  release(): void;
}

/** A body that waits for room. */
interface Waiter {
  size: number;
  enter(): void;
}

/** The stored bodies of an isolate: read one at a time, and held within a bound. */
export class StoredBodies {
  readonly #read: ReadBody;
  readonly #clock: Clock;
  #heldBytes = 0;
  #waiters: Waiter[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(read: ReadBody, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * Opens the body of a job. `bytes` rejects with PermanentError for a job without one, with
   * PostponeError when the bodies of other jobs leave no room, and with the signal's reason.
   */
  open(runId: number, job: ClaimedJob, signal: AbortSignal): OpenBody {
    const size = storedBytes(job.payload);
    if (size === undefined) return { bytes: Promise.reject(noStoredBody()), release() {} };
    const released = new AbortController();
    const gone = AbortSignal.any([signal, released.signal]);
    const room = this.#enter(size, gone);
    const bytes = room.then(() => this.#inTurn(() => this.#read(runId, job, size, gone)));
    // A handler may end without awaiting what it asked for.
    bytes.catch(() => {});
    return {
      bytes,
      release: () => {
        if (released.signal.aborted) return;
        released.abort(new DOMException("the job has ended", "AbortError"));
        // What is still being read takes its room until it stops.
        room.then(() => bytes.catch(() => {}).then(() => this.#leave(size)), () => {});
      },
    };
  }

  /** Resolves when there is room for a body, in the order of the calls. */
  #enter(size: number, gone: AbortSignal): Promise<void> {
    if (this.#waiters.length === 0 && this.#fits(size)) {
      this.#heldBytes += size;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter = { size, enter: () => end(resolve) };
      const end = (settle: () => void) => {
        cancelTimer();
        gone.removeEventListener("abort", abort);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        settle();
      };
      const abort = () => end(() => reject(gone.reason));
      const cancelTimer = this.#clock.setTimer(() => end(() => reject(noRoom())), WAIT_MS);
      gone.addEventListener("abort", abort);
      this.#waiters.push(waiter);
    });
  }

  #leave(size: number): void {
    this.#heldBytes -= size;
    for (let next = this.#waiters[0]; next && this.#fits(next.size); next = this.#waiters[0]) {
      this.#heldBytes += next.size;
      next.enter();
    }
  }

  /** The largest body fits where no other is held. */
  #fits(size: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + size <= HELD_BODY_BYTES;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** Returns the length of a stored body by the payload, or undefined when none can be stored. */
function storedBytes(payload: unknown): number | undefined {
  const bytes = (payload as { stored?: { bytes?: unknown } } | null)?.stored?.bytes;
  return Number.isInteger(bytes) && Number(bytes) >= 0 && Number(bytes) <= MAX_BODY_BYTES
    ? Number(bytes)
    : undefined;
}

/** Returns the error for a job without a stored body. */
export function noStoredBody(): PermanentError {
  return new PermanentError("no body is stored for this job", { code: "no_stored_body" });
}

function noRoom(): PostponeError {
  const message = "other jobs hold as many bytes of stored bodies as an isolate may";
  return new PostponeError(message, { code: "stored_bodies_held", afterMs: POSTPONE_MS });
}
