import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import type { Api } from "./api.ts";
import type { Live, Snapshot } from "./live.ts";
import type { Route, Router } from "./route.ts";

/** The shared parts of a view. */
export interface Dashboard {
  api: Api;
  live: Live;
  router: Router;
}

/** The context with the Dashboard of a view. */
export const DashboardContext = createContext<Dashboard | undefined>(undefined);

/** Returns the Dashboard of this view. */
export function useDashboard(): Dashboard {
  const dashboard = useContext(DashboardContext);
  if (!dashboard) throw new Error("not within a view");
  return dashboard;
}

/** Returns the route and renders again at each change. */
export function useRoute(): Route {
  const { router } = useDashboard();
  const [route, setRoute] = useState(() => router.current());
  useEffect(() => router.listen(() => setRoute(router.current())), [router]);
  return route;
}

/** A live value. `value` is undefined until the first read. */
export interface LiveValue<T> {
  value: T | undefined;
  error: unknown;
  refresh: () => Promise<void>;
}

/** Returns a live value that is read every `everyMs` (0: once) while the component is shown. */
export function useLive<T>(key: string, load: () => Promise<T>, everyMs: number): LiveValue<T> {
  const { live } = useDashboard();
  const [known, setKnown] = useState<{ key: string; snapshot: Snapshot }>();
  useEffect(
    () => live.subscribe(key, load, everyMs, (snapshot) => setKnown({ key, snapshot })),
    [live, key, everyMs],
  );
  const refresh = useCallback(() => live.refresh(key), [live, key]);
  // The value of another key is not shown, because it may be another tenant's.
  const snapshot = known?.key === key ? known.snapshot : undefined;
  return { value: snapshot?.value as T | undefined, error: snapshot?.error, refresh };
}
