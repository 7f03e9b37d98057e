/** Where a view is: a page's name, what it is about, and its filters. */
export interface Route {
  path: string[];
  query: URLSearchParams;
}

/** Turns routes into addresses and back. */
export interface Router {
  current(): Route;
  href(to: string): string;
  go(to: string): void;
  /** Calls back at each change until the returned function is called. */
  listen(changed: () => void): () => void;
}

/** Takes `/jobs/…?status=dead` apart. */
export function parseRoute(text: string): Route {
  const [path = "", query = ""] = text.split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
}

/** A path with a query of those values that are not empty. */
export function address(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** Routes in the fragment: reload, history and links work. */
export function fragmentRouter(): Router {
  return {
    current: () => parseRoute(location.hash.slice(1)),
    href: (to) => `#${to}`,
    go: (to) => void (location.hash = to),
    listen(changed) {
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
  };
}

/** Routes kept by the view alone: the page that embeds it keeps its own address. */
export function innerRouter(): Router {
  let current = "/";
  const listeners = new Set<() => void>();
  return {
    current: () => parseRoute(current),
    href: () => "#",
    go(to) {
      current = to;
      for (const changed of listeners) changed();
    },
    listen(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}
