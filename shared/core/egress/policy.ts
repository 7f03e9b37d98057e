/** A method a connector may send. */
export type EgressMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";

/** A scheme a connector may use. */
export type EgressScheme = "https" | "http";

/** What an operator allows a tenant's connector. Whatever is not listed is refused. */
export interface EgressPolicy {
  /** Names, addresses and `*.name`; empty means nothing is allowed. */
  hosts: readonly string[];
  /** The job's own list: hosts have to be on both. */
  narrowedTo?: readonly string[] | undefined;
  schemes: readonly EgressScheme[];
  ports: readonly number[];
  methods: readonly EgressMethod[];
  /** Redirects that are followed; each is checked like a request of its own. */
  redirects: number;
  /** Milliseconds for everything together: names, connections, redirects, the whole body. */
  timeoutMs: number;
  /** Bytes of the body that are kept; what goes beyond is not read. */
  maxResponseBytes: number;
  /** Response headers that are kept beside the usual ones, in lower case. */
  responseHeaders: readonly string[];
}

/** A policy of one https host and one method, without redirects. */
export function singleHostPolicy(
  host: string,
  limits: Pick<EgressPolicy, "ports" | "methods" | "timeoutMs" | "maxResponseBytes">,
): EgressPolicy {
  return { hosts: [host], schemes: ["https"], redirects: 0, responseHeaders: [], ...limits };
}
