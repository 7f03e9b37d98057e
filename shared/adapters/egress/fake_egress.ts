import type { EgressPolicy } from "../../core/egress/policy.ts";
import type { EgressSite } from "../../core/egress/url.ts";
import type { EgressRequest } from "./egress.ts";
import type { Behavior } from "./fake_server.ts";

/** A signal that never aborts. */
export const never = new AbortController().signal;

/** Returns a policy of loopback and `*.example.com` on one port. */
export function policy(port: number, changes: Partial<EgressPolicy> = {}): EgressPolicy {
  return {
    ...{ hosts: ["127.0.0.1", "*.example.com"], schemes: ["https", "http"], ports: [port] },
    ...{ methods: ["GET", "POST"], redirects: 0, timeoutMs: 20_000, maxResponseBytes: 10_000 },
    ...{ responseHeaders: [], ...changes },
  };
}

/** Returns a site that allows these ports of loopback. */
export function site(...ports: number[]): EgressSite {
  return {
    supabaseUrl: "http://127.0.0.1:1",
    localEgress: ports.map((port) => `127.0.0.1:${port}`),
  };
}

/** Returns the code of the error a request ends with, or `sent`. */
export function code(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => "sent",
    (thrown: { code?: string; message: string }) => thrown.code ?? thrown.message,
  );
}

/** Returns a plain GET. */
export function get(url: string): EgressRequest {
  return { url, method: "GET" };
}

/** Returns the behavior of a server that always sends one response. */
export function answers(response: string): Behavior {
  return async ({ write }) => await write(response);
}

/** A server that answers every request with `hi`. */
export const OK = answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
