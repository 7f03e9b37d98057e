/** Rules by which a request is rejected. The codes are a contract: added to, never renamed. */
export const EGRESS_RULES = [
  "egress_url_invalid",
  "egress_scheme_not_allowed",
  "egress_userinfo_not_allowed",
  "egress_port_not_allowed",
  "egress_host_invalid",
  "egress_host_reserved",
  "egress_own_project",
  "egress_host_not_allowed",
  "egress_address_not_public",
  "egress_too_many_addresses",
  "egress_method_not_allowed",
  "egress_header_not_allowed",
  "egress_body_not_allowed",
  "egress_too_many_redirects",
  "egress_http_version",
  "egress_tls_unsupported",
] as const;

/** The code of a rule. */
export type EgressRule = typeof EGRESS_RULES[number];

/**
 * A rejection by the policy, or a host that JobForge cannot talk to. The same request will be
 * rejected again. The message names no URL.
 */
export class EgressRefused extends Error {
  readonly code: EgressRule;

  constructor(code: EgressRule, message: string) {
    super(message);
    this.name = "EgressRefused";
    this.code = code;
  }
}

/** Failures between worker and host. A later attempt may succeed. */
export type EgressFailure =
  | "egress_dns_failed"
  | "egress_connect_failed"
  | "egress_tls_failed"
  | "egress_connection_lost"
  | "egress_bad_response"
  | "egress_timeout";

/** A host that cannot be reached or does not answer as HTTP. The message names no URL. */
export class EgressFailed extends Error {
  readonly code: EgressFailure;

  constructor(code: EgressFailure, message: string) {
    super(message);
    this.name = "EgressFailed";
    this.code = code;
  }
}
