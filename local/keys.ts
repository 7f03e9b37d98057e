import { type JWK, SignJWT } from "jose";

/** The keys of a local project, which are generated and never fixed. */
export interface ProjectKeys {
  /** `sb_publishable_…`, role anon. */
  publishableKey: string;
  /** `sb_secret_…`, role service_role. */
  secretKey: string;
  /** Signs user tokens, HS256. */
  jwtSecret: string;
  /** Secret keys beside the one called default, by name. */
  namedSecretKeys?: Record<string, string>;
  /** Public keys whose tokens are accepted beside those of `jwtSecret`, each with its `kid`. */
  signingKeys?: JWK[];
  /** Password of every database role that logs in. */
  databasePassword: string;
}

/** Claims of a user token; `tenantId` or `tenantIds` become `app_metadata`. */
export interface UserClaims {
  sub?: string;
  tenantId?: string;
  tenantIds?: string[];
  /** Seconds until the token expires, default one hour, negative for an expired token. */
  expiresIn?: number;
  [claim: string]: unknown;
}

/** Makes fresh random keys. */
export function generateKeys(): ProjectKeys {
  return {
    publishableKey: `sb_publishable_${randomText(24)}`,
    secretKey: `sb_secret_${randomText(24)}`,
    jwtSecret: randomText(32),
    databasePassword: randomText(24),
  };
}

/** Reads the keys kept in `file`, or makes and keeps them there, readable by the owner only. */
export async function loadKeys(file: string): Promise<ProjectKeys> {
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const keys = generateKeys();
  await Deno.writeTextFile(file, JSON.stringify(keys, null, 2) + "\n", { mode: 0o600 });
  return keys;
}

/** Signs a user token as the Auth server of the project at `url` does. */
export async function signUserToken(
  keys: ProjectKeys,
  url: string,
  claims: UserClaims = {},
): Promise<string> {
  const { tenantId, tenantIds, expiresIn = 3600, sub, app_metadata, ...rest } = claims;
  const now = Math.floor(Date.now() / 1000);
  return await new SignJWT({
    aud: "authenticated",
    role: "authenticated",
    session_id: crypto.randomUUID(),
    ...rest,
    app_metadata: {
      provider: "email",
      ...(app_metadata as Record<string, unknown> | undefined),
      ...(tenantId === undefined ? {} : { tenant_id: tenantId }),
      ...(tenantIds === undefined ? {} : { tenant_ids: tenantIds }),
    },
    iss: `${url}/auth/v1`,
    sub: sub ?? crypto.randomUUID(),
    iat: now,
    exp: now + expiresIn,
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(keys.jwtSecret));
}

/** The variables that the platform gives to every Edge Function. */
export async function platformVariables(
  url: string,
  keys: ProjectKeys,
  dbUrl: string,
): Promise<Record<string, string>> {
  const { publishableKey, secretKey, jwtSecret, namedSecretKeys, signingKeys = [] } = keys;
  const jwk = { kty: "oct", alg: "HS256", k: base64url(new TextEncoder().encode(jwtSecret)) };
  return {
    SUPABASE_URL: url,
    SUPABASE_DB_URL: dbUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secretKey, ...namedSecretKeys }),
    SUPABASE_JWKS: JSON.stringify({ keys: [jwk, ...signingKeys] }),
    SUPABASE_ANON_KEY: await legacyKey(keys, "anon"),
    SUPABASE_SERVICE_ROLE_KEY: await legacyKey(keys, "service_role"),
  };
}

const LEGACY_SINCE = Date.UTC(2026, 0) / 1000;
const TEN_YEARS = 315_360_000;

/** The legacy API key of a role, a token that lives ten years: always the same for one secret. */
export async function legacyKey(
  keys: ProjectKeys,
  role: "anon" | "service_role",
): Promise<string> {
  return await new SignJWT({ iss: "supabase", role, iat: LEGACY_SINCE })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setExpirationTime(LEGACY_SINCE + TEN_YEARS)
    .sign(new TextEncoder().encode(keys.jwtSecret));
}

function randomText(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
