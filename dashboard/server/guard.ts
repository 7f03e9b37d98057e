import { JobForgeError } from "../../shared/core/errors.ts";
import { type KeyMatcher, keyMatcher } from "../../shared/adapters/http/key_match.ts";

/** The guard of requests. Its methods throw the error of a rejected request. */
export interface Guard {
  /** Checks every request: it must be for this address and from this page or no page. */
  admit(request: Request): void;
  /** Checks requests for data: they need the token of this start of the server. */
  authenticate(request: Request): Promise<void>;
}

/**
 * Creates a guard. A name rebound to 127.0.0.1 has another Host. Another page has another Origin or
 * Sec-Fetch-Site. Other programs and users of this machine lack the token.
 */
export function createGuard(port: number, token: string): Guard {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const matches: KeyMatcher = keyMatcher([token]);
  return {
    admit(request) {
      const host = request.headers.get("host") ?? "";
      if (!hosts.includes(host)) throw refused("the Host header must be this server's address");
      const origin = request.headers.get("origin");
      if (origin !== null && origin !== `http://${host}`) {
        throw refused("requests from other pages are rejected");
      }
      const site = request.headers.get("sec-fetch-site");
      const page = request.headers.get("sec-fetch-mode") === "navigate" && isPage(request);
      if (site !== null && site !== "same-origin" && site !== "none" && !page) {
        throw refused("requests from other pages are rejected");
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

/**
 * Returns whether a request is for the bare page. It shows nothing without the token, so any page
 * may link to it.
 */
function isPage(request: Request): boolean {
  return request.method === "GET" && new URL(request.url).pathname === "/";
}

function refused(message: string): JobForgeError {
  return new JobForgeError("forbidden", message);
}
