import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import type { Api } from "./api.ts";
import type { Live, Snapshot } from "./live.ts";
import type { Route, Router } from "./route.ts";

/** What every part of a view shares. */
export interface Dashboard {
  api: Api;
  live: Live;
  router: Router;
}

/** Holds the Dashboard of a view. */
export const DashboardContext = createContext<Dashboard | undefined>(undefined);

/** The Dashboard of this view. */
export function useDashboard(): Dashboard {
  const dashboard = useContext(DashboardContext);
  if (!dashboard) throw new Error("not within a view");
  return dashboard;
}

/** The route, again at each change. */
export function useRoute(): Route {
  const { router } = useDashboard();
  const [route, setRoute] = useState(() => router.current());
  useEffect(() => router.listen(() => setRoute(router.current())), [router]);
  return route;
}

/** A value that is kept fresh; `value` is undefined until it has been read once. */
export interface LiveValue<T> {
  value: T | undefined;
  error: unknown;
  refresh: () => Promise<void>;
}

/** Reads a value every `everyMs` (0: once) while this part is shown. */
export function useLive<T>(key: string, load: () => Promise<T>, everyMs: number): LiveValue<T> {
  const { live } = useDashboard();
  const [known, setKnown] = useState<{ key: string; snapshot: Snapshot }>();
  useEffect(
    () => live.subscribe(key, load, everyMs, (snapshot) => setKnown({ key, snapshot })),
    [live, key, everyMs],
  );
  const refresh = useCallback(() => live.refresh(key), [live, key]);
  // Of another key nothing is shown: it may be another tenant's.
  const snapshot = known?.key === key ? known.snapshot : undefined;
  return { value: snapshot?.value as T | undefined, error: snapshot?.error, refresh };
}
