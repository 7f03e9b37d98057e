import { operatorApi } from "./api.ts";
import { createLive } from "./live.ts";
import { fragmentRouter } from "./route.ts";
import { showView } from "./view.tsx";

const KEPT = "jobforge token";

/**
 * Returns the token. It comes in the fragment, is stored for other tabs of this origin, and is
 * removed from the address.
 */
function takeToken(): string {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given) {
    localStorage.setItem(KEPT, given);
    history.replaceState(null, "", "#/");
  }
  return localStorage.getItem(KEPT) ?? "";
}

const token = takeToken();
showView(document.getElementById("view")!, {
  api: operatorApi(token),
  live: createLive(`jobforge operator ${token.slice(-8)}`),
  router: fragmentRouter(),
});
