import { JobForgeError } from "../errors.ts";

/** Who calls, as far as headers tell; the Data API verifies it. */
export type Credential =
  | { kind: "user"; jwt: string; publishableKey: string | undefined }
  | { kind: "service"; key: string };

type KeyKind = "publishable" | "secret" | "user" | "unknown";

const BEARER = /^Bearer +([^\s]+)$/i;
const JWT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/**
 * Reads the caller's credential from `Authorization` and `apikey`: a user's JWT as Bearer, or a
 * secret key in `apikey`. Throws `unauthenticated` for anything less, and `credential_conflict`
 * when two credentials disagree: picking one of them could pick the wider.
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

/** Headers that present a credential to the Data API, without adding any right to it. */
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

/** Headers for a key: new keys stand alone, a legacy key is a JWT and goes as Bearer as well. */
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

/** The role a JWT claims, unverified: good enough to refuse by, never to admit by. */
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
