import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";

/** A signing key of a project: the private half to sign with, the public one to publish. */
export interface SigningKey {
  publicKey: JWK;
  /** The public half as text, as an attacker would have it. */
  pem: string;
  sign(claims: Record<string, unknown>): Promise<string>;
}

/** Makes an ES256 signing key, as the dashboard does. */
export async function makeSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    publicKey: { ...await exportJWK(publicKey), kid, alg: "ES256", use: "sig" },
    pem: await exportSPKI(publicKey),
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid, typ: "JWT" }).sign(privateKey),
  };
}

/** Signs claims with a shared secret, HS256. */
export function signWith(secret: string, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

/** Claims of a user's token that is valid for an hour. */
export function userClaims(
  url: string,
  tenantId: string | undefined,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: `${url}/auth/v1`,
    aud: "authenticated",
    role: "authenticated",
    sub: crypto.randomUUID(),
    iat: now,
    exp: now + 3600,
    app_metadata: tenantId ? { tenant_id: tenantId } : {},
    ...changes,
  };
}

/** A token with `alg: none`. */
export function unsigned(claims: Record<string, unknown>): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}
