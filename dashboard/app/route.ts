/** The route of a view: a page, its subject and its filters. */
export interface Route {
  path: string[];
  query: URLSearchParams;
}

/** A router between routes and addresses. */
export interface Router {
  current(): Route;
  href(to: string): string;
  go(to: string): void;
  /** Calls `changed` at each change until the returned function is called. */
  listen(changed: () => void): () => void;
}

/** Returns the route of `/jobs/…?status=dead`. */
export function parseRoute(text: string): Route {
  const [path = "", query = ""] = text.split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
}

/** Returns a path with a query of the non-empty values. */
export function address(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** Creates a router in the fragment, so that reload, history and links work. */
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

/** Creates a router inside the view, so that the embedding page keeps its own address. */
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
