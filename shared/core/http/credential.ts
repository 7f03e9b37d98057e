import { JobForgeError } from "../errors.ts";

/** The caller according to the headers. The Data API verifies it. */
export type Credential =
  | { kind: "user"; jwt: string; publishableKey: string | undefined }
  | { kind: "service"; key: string };

type KeyKind = "publishable" | "secret" | "user" | "unknown";

const BEARER = /^Bearer +([^\s]+)$/i;
const JWT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/**
 * Reads the caller's credential: a user's JWT as Bearer, or a secret key in `apikey`. Throws
 * `unauthenticated` without one. Throws `credential_conflict` when two credentials disagree,
 * because choosing one could choose the wider one.
 */
export function readCredential(
  authorization: string | null,
  apikey: string | null,
): Credential {
  const bearer = authorization === null ? undefined : BEARER.exec(authorization)?.[1];
  if (authorization !== null && (!bearer || bearer.startsWith("sb_"))) {
    throw unauthenticated("Authorization takes a user's JWT; API keys go in the apikey header");
  }
  const bearerKind = bearer === undefined ? undefined : kindOf(bearer);
  const keyKind = apikey === null ? undefined : kindOf(apikey);
  if (bearer && bearerKind === "user") return userCredential(bearer, apikey, keyKind);
  if (bearer && bearerKind === "secret") return legacyService(bearer, apikey);
  if (bearerKind === "unknown") throw unauthenticated("the Bearer token is not a JWT");
  if (!apikey || keyKind !== "secret") {
    throw unauthenticated("send a user's JWT as Bearer, or a secret key in apikey");
  }
  if (bearer) throw conflict();
  return { kind: "service", key: apikey };
}

/** Returns the headers that send a credential to the Data API, without any further right. */
export function credentialHeaders(
  credential: Credential,
  publishableKey: string,
): Record<string, string> {
  if (credential.kind === "user") {
    return {
      apikey: credential.publishableKey ?? publishableKey,
      authorization: `Bearer ${credential.jwt}`,
    };
  }
  return keyHeaders(credential.key);
}

/**
 * Returns the headers for a key. New keys stand alone. A legacy key is a JWT and is also sent as
 * Bearer.
 */
export function keyHeaders(key: string): Record<string, string> {
  return key.startsWith("sb_") ? { apikey: key } : { apikey: key, authorization: `Bearer ${key}` };
}

function userCredential(
  jwt: string,
  apikey: string | null,
  keyKind: KeyKind | undefined,
): Credential {
  if (keyKind === "secret") throw conflict();
  if (keyKind === "user" && apikey !== jwt) throw conflict();
  const publishableKey = keyKind === "publishable" && apikey ? apikey : undefined;
  return { kind: "user", jwt, publishableKey };
}

function legacyService(jwt: string, apikey: string | null): Credential {
  if (apikey !== null && apikey !== jwt) throw conflict();
  return { kind: "service", key: jwt };
}

function kindOf(key: string): KeyKind {
  if (key.startsWith("sb_publishable_")) return "publishable";
  if (key.startsWith("sb_secret_")) return "secret";
  const role = roleOf(key);
  if (role === undefined) return "unknown";
  if (role === "anon") return "publishable";
  return role === "service_role" ? "secret" : "user";
}

/** Returns the unverified role of a JWT. It may reject a caller, never admit one. */
function roleOf(token: string): string | undefined {
  const body = JWT.exec(token)?.[1];
  if (!body) return undefined;
  try {
    const claims: unknown = JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof claims !== "object" || claims === null) return undefined;
    return String((claims as { role?: unknown }).role ?? "");
  } catch {
    return undefined;
  }
}

function unauthenticated(message: string): JobForgeError {
  return new JobForgeError("unauthenticated", message);
}

function conflict(): JobForgeError {
  return new JobForgeError("credential_conflict", "Authorization and apikey do not agree");
}
