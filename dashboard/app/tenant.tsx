import { tenantApi, type TenantOptions } from "./api.ts";
import { createLive } from "./live.ts";
import { innerRouter } from "./route.ts";
import { showView } from "./view.tsx";

export type { TenantOptions } from "./api.ts";

/**
 * Mounts a user's own jobs in an element of an application's page, on that user's token and under
 * row level security. `user` separates users of one browser. Returns a function that removes the
 * view.
 */
export function mountDashboard(
  element: Element,
  options: TenantOptions & { user: string },
): () => void {
  return showView(element, {
    api: tenantApi(options),
    live: createLive(`jobforge ${options.supabaseUrl} ${options.user}`),
    router: innerRouter(),
  });
}
