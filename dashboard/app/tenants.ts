/**
 * Returns the tenants that an access token names in `app_metadata.tenant_ids`, as they are there.
 * The database decides which of them count. Returns an empty list for a token of one tenant.
 */
export function tenantsOf(accessToken: string): string[] {
  const [, claims = ""] = accessToken.split(".");
  try {
    const text = atob(claims.replaceAll("-", "+").replaceAll("_", "/"));
    const { tenant_id, tenant_ids } = JSON.parse(text).app_metadata;
    const isList = tenant_id === undefined && Array.isArray(tenant_ids);
    return isList ? tenant_ids.filter((id: unknown) => typeof id === "string") : [];
  } catch {
    return [];
  }
}
