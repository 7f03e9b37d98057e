/** A method a connector may send. */
export type EgressMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";

/** A scheme a connector may use. */
export type EgressScheme = "https" | "http";

/** The permissions of a tenant's connector. Everything that is not listed is rejected. */
export interface EgressPolicy {
  /** Names, addresses and `*.name`. An empty list allows no host. */
  hosts: readonly string[];
  /** The job's own list. A host has to be on both. */
  narrowedTo?: readonly string[] | undefined;
  schemes: readonly EgressScheme[];
  ports: readonly number[];
  methods: readonly EgressMethod[];
  /** Maximum number of redirects. Each is checked like a new request. */
  redirects: number;
  /** Milliseconds for the whole call: names, connections, redirects and body. */
  timeoutMs: number;
  /** Bytes of the body that are kept. The rest is not read. Zero: the form of the body is ignored. */
  maxResponseBytes: number;
  /** Response headers to keep beside the usual ones, in lower case. */
  responseHeaders: readonly string[];
}

/** Returns a policy of one https host and one method, without redirects. */
export function singleHostPolicy(
  host: string,
  limits: Pick<EgressPolicy, "ports" | "methods" | "timeoutMs" | "maxResponseBytes">,
): EgressPolicy {
  return { hosts: [host], schemes: ["https"], redirects: 0, responseHeaders: [], ...limits };
}
