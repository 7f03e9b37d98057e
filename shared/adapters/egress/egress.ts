import { checkOwnHeaders, checkRequestHeaders } from "../../core/egress/request_headers.ts";
import type { EgressMethod, EgressPolicy } from "../../core/egress/policy.ts";
import { type HopRequest, redirectedRequest, redirectTarget } from "../../core/egress/redirect.ts";
import { EgressRefused } from "../../core/egress/refusal.ts";
import { contentCodings } from "../../core/egress/content_coding.ts";
import { redactBytes } from "../../core/egress/redact.ts";
import type { ResponseHead } from "../../core/egress/response_head.ts";
import { keptHeaders, singleHeader } from "../../core/egress/response_headers.ts";
import { retryAfterMs } from "../../core/egress/retry_after.ts";
import { checkUrl, type EgressSite } from "../../core/egress/url.ts";
import { withDeadline } from "./deadline.ts";
import { decodeBody, type DecodedBody } from "./decode_body.ts";
import { type Dial, tcpDial } from "./dial.ts";
import type { Exchange } from "./exchange.ts";
import { dnsResolver, type Resolve } from "./resolve.ts";
import type { CappedBody } from "./response_body.ts";
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
  /** Texts of the connector that the answer must not show. They are blanked before it is cut. */
  secrets?: readonly string[];
}

/** The answer of the host, with any status. */
export interface EgressResponse {
  status: number;
  /**
   * Listed headers only, in lower case and safe to store. `content-encoding` names the coding that
   * the body still has.
   */
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

/** What egress reaches the network by. By default it is Deno's. */
export interface EgressNetwork {
  resolve?: Resolve;
  dial?: Dial;
}

/** The parts of egress. All but the site have their production defaults. */
export interface EgressOptions extends EgressNetwork {
  site: EgressSite;
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
        const from = url;
        const targetOf = ({ lines, status }: ResponseHead) => {
          const location = singleHeader(lines, "location");
          return policy.redirects > 0 ? redirectTarget(status, location, from) : undefined;
        };
        const wanted = (head: ResponseHead) => targetOf(head) ? 0 : wireBytes(head, policy);
        const answer = await sendRequest({ site, resolve, dial }, url, hop, wanted, deadline);
        const target = targetOf(answer.head);
        if (!target) {
          return await toResponse(answer, request, policy, { redirects, epoch: epoch() });
        }
        if (redirects >= policy.redirects) {
          throw new EgressRefused("egress_too_many_redirects", "the host redirects too often");
        }
        const next = checkUrl(target, policy, site);
        hop = redirectedRequest(answer.head.status, hop, url, next, policy.methods);
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

const CODING = "content-encoding";
/** Compression may make a small body larger. These bytes more are read of a compressed one. */
const CODED_BYTES = 16 * 1024;

/** Returns how many bytes of a body to read. None of them are wanted for a policy that keeps none. */
function wireBytes(head: ResponseHead, { maxResponseBytes }: EgressPolicy): number {
  const isCoded = maxResponseBytes > 0 && contentCodings(head.lines).length > 0;
  return maxResponseBytes + (isCoded ? CODED_BYTES : 0);
}

async function toResponse(
  { head, body }: Exchange,
  { secrets = [] }: EgressRequest,
  policy: EgressPolicy,
  { redirects, epoch }: { redirects: number; epoch: number },
): Promise<EgressResponse> {
  const { maxResponseBytes } = policy;
  const decoded = await decodeBody(body, contentCodings(head.lines), maxResponseBytes);
  const plain = withoutSecrets(decoded, secrets);
  const extra = policy.responseHeaders.filter((name) => name.toLowerCase() !== CODING);
  if (decoded.coded) extra.push(CODING);
  return {
    status: head.status,
    headers: keptHeaders(head.lines, extra, secrets),
    body: plain.bytes.subarray(0, maxResponseBytes),
    truncated: plain.truncated || plain.bytes.length > maxResponseBytes,
    retryAfterMs: retryAfterMs(singleHeader(head.lines, "retry-after"), epoch),
    redirects,
  };
}

/** A secret cannot be found in a body that is still coded, so none of it is kept. */
function withoutSecrets(body: DecodedBody, secrets: readonly string[]): CappedBody {
  if (secrets.length === 0) return body;
  if (body.coded) return { bytes: new Uint8Array(), truncated: true };
  return { ...body, bytes: redactBytes(body.bytes, secrets, body.cut) };
}
