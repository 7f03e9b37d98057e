/** What is known under a key. */
export interface Snapshot {
  /** When it was read, in milliseconds; 0: never. */
  at: number;
  value?: unknown;
  error?: unknown;
}

/** Values that are read again and again while somebody looks, once for all tabs of a browser. */
export interface Live {
  /** Reads a key every `everyMs` (0: once) until the returned function is called. */
  subscribe(
    key: string,
    load: Load,
    everyMs: number,
    listener: (snapshot: Snapshot) => void,
  ): () => void;
  /** Reads a key now, whoever else has just done so. */
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
 * Tabs of the same `name` share what they read: one reads (whoever gets the key's lock) and tells
 * the others over a channel. A hidden tab reads nothing. Failures double the pause, up to a minute.
 * The name must differ between users of one browser.
 */
export function createLive(name: string): Live {
  const channel = new BroadcastChannel(name);
  const subscriptions = new Map<string, Subscription>();

  function publish(key: string, entry: Subscription, snapshot: Snapshot): void {
    entry.snapshot = snapshot;
    for (const listener of entry.listeners) listener(snapshot);
    plan(key, entry);
  }

  async function load(key: string, entry: Subscription): Promise<void> {
    try {
      const value = await entry.load();
      entry.failures = 0;
      const snapshot = { at: Date.now(), value };
      publish(key, entry, snapshot);
      channel.postMessage({ key, snapshot });
    } catch (error) {
      entry.failures++;
      publish(key, entry, { ...entry.snapshot, error });
    }
  }

  function plan(key: string, entry: Subscription): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    if (entry.listeners.size === 0 || document.hidden) return;
    const { at } = entry.snapshot;
    if (entry.everyMs === 0 && at > 0 && entry.failures === 0) return;
    const pause = Math.min((entry.everyMs || 2_000) * 2 ** entry.failures, MAX_WAIT_MS);
    const wait = entry.failures > 0 ? pause : Math.max(at + pause - Date.now(), 0);
    entry.timer = setTimeout(() => void refreshIfStale(key, entry), wait);
  }

  async function refreshIfStale(key: string, entry: Subscription): Promise<void> {
    const fresh = Date.now() - entry.snapshot.at < entry.everyMs / 2;
    if (fresh || document.hidden) return plan(key, entry);
    await navigator.locks.request(`${name} ${key}`, { ifAvailable: true }, async (lock) => {
      if (lock) return await load(key, entry);
      // Another tab is reading it, and will tell.
      entry.timer = setTimeout(() => plan(key, entry), Math.max(entry.everyMs, 1_000));
    });
  }

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if ("ask" in data) {
      const known = subscriptions.get(data.ask);
      if (known && known.snapshot.at > 0) {
        channel.postMessage({ key: data.ask, snapshot: { ...known.snapshot, error: undefined } });
      }
      return;
    }
    const entry = subscriptions.get(data.key);
    if (!entry || data.snapshot.at <= entry.snapshot.at) return;
    entry.failures = 0;
    publish(data.key, entry, data.snapshot);
  };
  document.addEventListener("visibilitychange", () => {
    for (const [key, entry] of subscriptions) plan(key, entry);
  });

  return {
    subscribe(key, read, everyMs, listener) {
      let entry = subscriptions.get(key);
      if (!entry) {
        entry = {
          ...{ load: read, everyMs, snapshot: { at: 0 }, failures: 0, timer: undefined },
          listeners: new Set(),
        };
        subscriptions.set(key, entry);
        // A moment for a tab that knows it already.
        channel.postMessage({ ask: key });
        const first = entry;
        entry.timer = setTimeout(() => plan(key, first), ANSWER_MS);
      }
      const found = entry;
      found.load = read;
      found.listeners.add(listener);
      if (found.snapshot.at > 0) listener(found.snapshot);
      return () => {
        found.listeners.delete(listener);
        if (found.listeners.size > 0) return;
        clearTimeout(found.timer);
        subscriptions.delete(key);
      };
    },
    async refresh(key) {
      const entry = subscriptions.get(key);
      if (entry) await load(key, entry);
    },
  };
}
