import { checkOwnHeaders, checkRequestHeaders } from "../../core/egress/request_headers.ts";
import type { EgressMethod, EgressPolicy } from "../../core/egress/policy.ts";
import { type HopRequest, redirectedRequest, redirectTarget } from "../../core/egress/redirect.ts";
import { EgressRefused } from "../../core/egress/refusal.ts";
import { keptHeaders, singleHeader } from "../../core/egress/response_headers.ts";
import { retryAfterMs } from "../../core/egress/retry_after.ts";
import { checkUrl, type EgressSite } from "../../core/egress/url.ts";
import { withDeadline } from "./deadline.ts";
import { type Dial, tcpDial } from "./dial.ts";
import type { Exchange } from "./exchange.ts";
import { dnsResolver, type Resolve } from "./resolve.ts";
import { sendRequest } from "./send_request.ts";

/** An outgoing request. */
export interface EgressRequest {
  url: string;
  method: EgressMethod;
  /** The job's headers. They are checked and may not set connection or connector headers. */
  headers?: Readonly<Record<string, string>>;
  /** Headers of the connector, names in lower case: credentials, signatures. */
  ownHeaders?: Readonly<Record<string, string>>;
  body?: Uint8Array | undefined;
}

/** The answer of the host, with any status. */
export interface EgressResponse {
  status: number;
  /** Listed headers only, in lower case and safe to store. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** True when the body had more bytes than the policy keeps. */
  truncated: boolean;
  /** `Retry-After` in milliseconds, between a second and an hour. */
  retryAfterMs: number | undefined;
  /** Redirects that were followed. */
  redirects: number;
}

/**
 * Sends one request as a policy allows. Throws EgressRefused when the policy rejects it. Throws
 * EgressFailed when the host cannot be reached or takes too long, and the signal's reason when it
 * aborts.
 */
export type Egress = (
  request: EgressRequest,
  policy: EgressPolicy,
  signal: AbortSignal,
) => Promise<EgressResponse>;

/** The parts of egress. All but the site have their production defaults. */
export interface EgressOptions {
  site: EgressSite;
  resolve?: Resolve;
  dial?: Dial;
  epoch?: () => number;
}

/** Creates the egress client of the worker. Every request is checked, pinned, capped and timed. */
export function createEgress(options: EgressOptions): Egress {
  const { site } = options;
  const resolve = options.resolve ?? dnsResolver();
  const dial = options.dial ?? tcpDial();
  const epoch = options.epoch ?? Date.now;
  return async (request, policy, signal) => {
    const first = firstHop(request, policy);
    return await withDeadline(policy.timeoutMs, signal, async (deadline) => {
      let url = checkUrl(request.url, policy, site);
      let hop = first;
      for (let redirects = 0;; redirects++) {
        const answer = await sendRequest({ site, resolve, dial }, url, hop, policy, deadline);
        const location = singleHeader(answer.head.lines, "location");
        const target = policy.redirects > 0 && redirectTarget(answer.head.status, location, url);
        if (!target) return toResponse(answer, policy, redirects, epoch());
        if (redirects >= policy.redirects) {
          throw new EgressRefused("egress_too_many_redirects", "the host redirects too often");
        }
        const next = checkUrl(target, policy, site);
        hop = redirectedRequest(answer.head.status, hop, url, next);
        url = next;
      }
    });
  };
}

function firstHop(request: EgressRequest, policy: EgressPolicy): HopRequest {
  const { method, headers = {}, ownHeaders = {}, body } = request;
  if (!policy.methods.includes(method)) {
    throw new EgressRefused("egress_method_not_allowed", `${method} is not allowed`);
  }
  if (body && (method === "GET" || method === "HEAD")) {
    throw new EgressRefused("egress_body_not_allowed", `${method} must not have a body`);
  }
  checkOwnHeaders(ownHeaders);
  const checked = checkRequestHeaders(headers, ownHeaders);
  return { method, headers: { ...checked, ...ownHeaders }, body };
}

function toResponse(
  { head, body }: Exchange,
  policy: EgressPolicy,
  redirects: number,
  epoch: number,
): EgressResponse {
  return {
    status: head.status,
    headers: keptHeaders(head.lines, policy.responseHeaders),
    body: body.bytes,
    truncated: body.truncated,
    retryAfterMs: retryAfterMs(singleHeader(head.lines, "retry-after"), epoch),
    redirects,
  };
}
