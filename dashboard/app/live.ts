/** The last read of a key. */
export interface Snapshot {
  /** Time of the read in milliseconds. 0: never. */
  at: number;
  value?: unknown;
  error?: unknown;
}

/** Values that are read repeatedly while they are shown, once for all tabs of a browser. */
export interface Live {
  /** Reads a key every `everyMs` (0: once) until the returned function is called. */
  subscribe(
    key: string,
    load: Load,
    everyMs: number,
    listener: (snapshot: Snapshot) => void,
  ): () => void;
  /** Reads a key now, also when another tab has just read it. */
  refresh(key: string): Promise<void>;
}

type Load = () => Promise<unknown>;

interface Subscription {
  load: Load;
  everyMs: number;
  snapshot: Snapshot;
  listeners: Set<(snapshot: Snapshot) => void>;
  failures: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const MAX_WAIT_MS = 60_000;
const ANSWER_MS = 60;

type Message = { ask: string } | { key: string; snapshot: Snapshot };

/**
 * Creates the live values of a tab. Tabs of the same `name` share them: the tab with a key's lock
 * reads the value and sends it to the others over a channel. A hidden tab reads nothing. Failures
 * double the pause, up to a minute. The name must differ between users of one browser.
 */
export function createLive(name: string): Live {
  return new TabLive(name);
}

class TabLive implements Live {
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(name: string) {
    this.#name = name;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) =>
      "ask" in data ? this.#answer(data.ask) : this.#receive(data.key, data.snapshot);
    document.addEventListener("visibilitychange", () => {
      for (const [key, entry] of this.#subscriptions) this.#plan(key, entry);
    });
  }

  subscribe(
    key: string,
    load: Load,
    everyMs: number,
    listener: (snapshot: Snapshot) => void,
  ): () => void {
    const entry = this.#subscriptions.get(key) ?? this.#open(key, load, everyMs);
    entry.load = load;
    entry.listeners.add(listener);
    if (entry.snapshot.at > 0) listener(entry.snapshot);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0) return;
      clearTimeout(entry.timer);
      this.#subscriptions.delete(key);
    };
  }

  async refresh(key: string): Promise<void> {
    const entry = this.#subscriptions.get(key);
    if (entry) await this.#load(key, entry);
  }

  #open(key: string, load: Load, everyMs: number): Subscription {
    const entry: Subscription = {
      ...{ load, everyMs, snapshot: { at: 0 }, failures: 0, timer: undefined },
      listeners: new Set(),
    };
    this.#subscriptions.set(key, entry);
    // The first read waits a moment for the answer of a tab that has the value.
    this.#channel.postMessage({ ask: key });
    entry.timer = setTimeout(() => this.#plan(key, entry), ANSWER_MS);
    return entry;
  }

  #plan(key: string, entry: Subscription): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    if (entry.listeners.size === 0 || document.hidden) return;
    const { at } = entry.snapshot;
    if (entry.everyMs === 0 && at > 0 && entry.failures === 0) return;
    const pause = Math.min((entry.everyMs || 2_000) * 2 ** entry.failures, MAX_WAIT_MS);
    const wait = entry.failures > 0 ? pause : Math.max(at + pause - Date.now(), 0);
    entry.timer = setTimeout(() => void this.#refreshIfStale(key, entry), wait);
  }

  async #refreshIfStale(key: string, entry: Subscription): Promise<void> {
    const fresh = Date.now() - entry.snapshot.at < entry.everyMs / 2;
    if (fresh || document.hidden) return this.#plan(key, entry);
    const lockName = `${this.#name} ${key}`;
    await navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
      if (lock) return await this.#load(key, entry);
      // Another tab reads the value and will send it.
      entry.timer = setTimeout(() => this.#plan(key, entry), Math.max(entry.everyMs, 1_000));
    });
  }

  async #load(key: string, entry: Subscription): Promise<void> {
    try {
      const value = await entry.load();
      entry.failures = 0;
      const snapshot = { at: Date.now(), value };
      this.#publish(key, entry, snapshot);
      this.#channel.postMessage({ key, snapshot });
    } catch (error) {
      entry.failures++;
      this.#publish(key, entry, { ...entry.snapshot, error });
    }
  }

  #publish(key: string, entry: Subscription, snapshot: Snapshot): void {
    entry.snapshot = snapshot;
    for (const listener of entry.listeners) listener(snapshot);
    this.#plan(key, entry);
  }

  /** Sends a value to a tab that asks for it. */
  #answer(key: string): void {
    const known = this.#subscriptions.get(key);
    if (!known || known.snapshot.at === 0) return;
    this.#channel.postMessage({ key, snapshot: { ...known.snapshot, error: undefined } });
  }

  /** Takes over a value that another tab has read. */
  #receive(key: string, snapshot: Snapshot): void {
    const entry = this.#subscriptions.get(key);
    if (!entry || snapshot.at <= entry.snapshot.at) return;
    entry.failures = 0;
    this.#publish(key, entry, snapshot);
  }
}
