import { isPublicAddress } from "./address.ts";
import { isHostAllowed } from "./allowlist.ts";
import { checkHost, isOwnProject } from "./host.ts";
import type { EgressPolicy, EgressScheme } from "./policy.ts";
import { isHttpPort } from "./ports.ts";
import { EgressRefused } from "./refusal.ts";

/** A URL with checked parts. Later steps use only these parts, never the text. */
export interface CheckedUrl {
  scheme: EgressScheme;
  /** A name in lower case, or an address without brackets. */
  host: string;
  isAddress: boolean;
  port: number;
  /** The `host` header. */
  authority: string;
  /** Path and query. */
  target: string;
  /** Scheme, host and port: the origin that may receive credentials. */
  origin: string;
  href: string;
}

/** The worker's project, which jobs must not reach, and its allowed local targets. */
export interface EgressSite {
  supabaseUrl: string;
  /** `address:port` pairs that need not be public. Empty on hosted projects. */
  localEgress: readonly string[];
}

const MAX_URL_LENGTH = 2_048;
const CONTROL_OR_SPACE = /[\0-\x20\x7f]/;

/** Parses a URL and checks its form, independent of any policy. Throws EgressRefused. */
export function parseUrl(text: string): CheckedUrl {
  if (text.length > MAX_URL_LENGTH) throw invalid(`is longer than ${MAX_URL_LENGTH} characters`);
  if (CONTROL_OR_SPACE.test(text)) throw invalid("holds a space or a control character");
  const url = parsed(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new EgressRefused("egress_scheme_not_allowed", "only https and http can be sent");
  }
  if (url.username !== "" || url.password !== "") {
    throw new EgressRefused("egress_userinfo_not_allowed", "the URL must not hold a user name");
  }
  const scheme = url.protocol === "https:" ? "https" : "http";
  return {
    ...checkHost(url.hostname),
    scheme,
    port: url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port),
    authority: url.host,
    target: url.pathname + url.search,
    origin: url.origin,
    href: url.href,
  };
}

/** Checks a URL against a policy, before a name is resolved. Throws EgressRefused. */
export function checkUrl(text: string, policy: EgressPolicy, site: EgressSite): CheckedUrl {
  const url = parseUrl(text);
  if (!policy.schemes.includes(url.scheme)) {
    throw new EgressRefused("egress_scheme_not_allowed", `${url.scheme} is not allowed`);
  }
  if (!policy.ports.includes(url.port) || !isHttpPort(url.port)) {
    throw new EgressRefused("egress_port_not_allowed", `port ${url.port} is not allowed`);
  }
  const lists = policy.narrowedTo ? [policy.hosts, policy.narrowedTo] : [policy.hosts];
  if (!lists.every((hosts) => isHostAllowed(url.host, hosts))) {
    throw new EgressRefused("egress_host_not_allowed", "the host is not on the allow-list");
  }
  if (isOwnProject(url.host, site.supabaseUrl) && !isLocal(url.host, url.port, site)) {
    throw new EgressRefused("egress_own_project", "a job must not call its own project");
  }
  if (url.isAddress) checkAddress(url.host, url.port, site);
  return url;
}

/** Checks one resolved or reached address. Throws EgressRefused. */
export function checkAddress(address: string, port: number, site: EgressSite): void {
  if (isPublicAddress(address) || isLocal(address, port, site)) return;
  throw new EgressRefused("egress_address_not_public", "the host's address is not public");
}

function isLocal(address: string, port: number, site: EgressSite): boolean {
  return site.localEgress.includes(`${address}:${port}`);
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw invalid("cannot be parsed");
  }
}

function invalid(why: string): EgressRefused {
  return new EgressRefused("egress_url_invalid", `the URL ${why}`);
}
