import type { Calls, Channel, RealtimeClient } from "./calls.ts";
import { prefixed } from "./jobs.ts";

/** A joined topic, which all that watch it share. */
interface Topic {
  channel: Channel;
  isLive: boolean;
  listeners: Set<() => void>;
  gone?: Promise<unknown>;
}

const RENEW_MS = 60_000;
/** Between a read and the next one, while hints keep coming. */
const REST_MS = 100;
/** Joins that fail before the first that does not. Supabase-js would go on forever. */
const MAX_FAILURES = 3;

const topicsOf = new WeakMap<RealtimeClient, Map<string, Topic>>();

/**
 * Hints that a job, or a job of the tenant, has changed. They only end the pause before the next
 * read. Where Realtime is missing, slow or away, there are none, and pauses last as long as asked.
 */
export class Hints {
  readonly #calls: Calls;
  readonly #jobId: string | undefined;
  #state: "new" | "started" | "stopped" = "new";
  #topic: Topic | undefined;
  #hinted = false;
  #wake: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(calls: Calls, jobId?: string) {
    this.#calls = calls;
    this.#jobId = jobId;
  }

  /** Whether Realtime would report a change now. */
  get isLive(): boolean {
    return this.#topic?.isLive ?? false;
  }

  /** Begins to watch, once. */
  start(): void {
    const { realtime } = this.#calls;
    if (this.#state !== "new" || !realtime) return;
    this.#state = "started";
    this.#timer = setInterval(() => void this.#watch(), RENEW_MS);
    void this.#join(realtime).catch(() => {});
  }

  /** Stops watching. The last one leaves the channel. */
  stop(): void {
    this.#state = "stopped";
    clearInterval(this.#timer);
    const { realtime } = this.#calls;
    if (this.#topic && realtime) leave(realtime, this.#topic, this.#listen);
  }

  /** Ends after `ms` or with a hint. Rejects with the reason of the signal. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    const limit = this.#hinted ? Math.min(ms, REST_MS) : ms;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abandon);
        this.#wake = undefined;
        this.#hinted = false;
        settle();
      };
      const abandon = () => end(() => reject(signal?.reason));
      const timer = setTimeout(() => end(resolve), limit);
      if (!this.#hinted) this.#wake = () => end(resolve);
      signal?.addEventListener("abort", abandon, { once: true });
    });
  }

  /** Asks for hints of the next two minutes. Returns their topic, or null when there are none. */
  async #watch(): Promise<string | null> {
    const args = prefixed({ job_id: this.#jobId, tenant_id: this.#calls.tenantId });
    const watched = this.#calls.object<{ topic: string | null }>("jobforge_watch_jobs", args);
    return (await watched.catch(() => undefined))?.topic ?? null;
  }

  async #join(realtime: RealtimeClient): Promise<void> {
    const name = await this.#watch();
    if (name === null) return;
    await topicsOf.get(realtime)?.get(name)?.gone;
    if (this.#state !== "started") return;
    this.#topic = join(realtime, name);
    this.#topic.listeners.add(this.#listen);
    // What changed before the join is read now.
    if (this.#topic.isLive) this.#listen();
  }

  readonly #listen = () => {
    this.#hinted = this.#wake === undefined;
    this.#wake?.();
  };
}

function join(realtime: RealtimeClient, name: string): Topic {
  const topics = topicsOf.get(realtime) ?? new Map<string, Topic>();
  topicsOf.set(realtime, topics);
  const known = topics.get(name);
  if (known && !known.gone) return known;
  const channel = realtime.channel(name, { config: { private: true } });
  const topic: Topic = { channel, isLive: false, listeners: new Set() };
  topics.set(name, topic);
  const notify = () => topic.listeners.forEach((listener) => listener());
  let failures = 0;
  channel.on("broadcast", { event: "jobs" }, notify).subscribe((status) => {
    const wasLive = topic.isLive;
    topic.isLive = status === "SUBSCRIBED";
    if (topic.isLive) failures = -Infinity;
    else if (++failures === MAX_FAILURES) topic.gone = realtime.removeChannel(channel);
    // Hints may be lost before a join and after its end, so the next read is due.
    if (topic.isLive || wasLive) notify();
  });
  return topic;
}

function leave(realtime: RealtimeClient, topic: Topic, listener: () => void): void {
  topic.listeners.delete(listener);
  if (topic.listeners.size === 0) topic.gone ??= realtime.removeChannel(topic.channel);
}
