import { JobForgeError } from "../../shared/core/errors.ts";
import { type KeyMatcher, keyMatcher } from "../../shared/adapters/http/key_match.ts";

/** Decides which requests are answered. Throws what a refused one gets. */
export interface Guard {
  /** Every request: it must be meant for this address and come from this page or from nowhere. */
  admit(request: Request): void;
  /** Requests for data: they also carry the token that this start of the server printed. */
  authenticate(request: Request): Promise<void>;
}

/**
 * A name that is rebound to 127.0.0.1 arrives with its own Host; another page with its own Origin
 * or Sec-Fetch-Site; a program or a page of another user of this machine without the token.
 */
export function createGuard(port: number, token: string): Guard {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const matches: KeyMatcher = keyMatcher([token]);
  return {
    admit(request) {
      const host = request.headers.get("host") ?? "";
      if (!hosts.includes(host)) throw refused("this server does not answer for that host");
      const origin = request.headers.get("origin");
      if (origin !== null && origin !== `http://${host}`) {
        throw refused("requests of other pages are refused");
      }
      const site = request.headers.get("sec-fetch-site");
      const page = request.headers.get("sec-fetch-mode") === "navigate" && isPage(request);
      if (site !== null && site !== "same-origin" && site !== "none" && !page) {
        throw refused("requests of other pages are refused");
      }
    },
    async authenticate(request) {
      const header = request.headers.get("authorization") ?? "";
      const candidate = /^Bearer ([\w-]{20,100})$/.exec(header)?.[1];
      if (candidate !== undefined && await matches(candidate)) return;
      throw new JobForgeError(
        "unauthenticated",
        "open the address that the dashboard printed when it started",
      );
    },
  };
}

/** The bare page shows nothing without the token, so a link to it may stand anywhere. */
function isPage(request: Request): boolean {
  return request.method === "GET" && new URL(request.url).pathname === "/";
}

function refused(message: string): JobForgeError {
  return new JobForgeError("forbidden", message);
}
