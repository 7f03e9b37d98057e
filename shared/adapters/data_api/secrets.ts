import { PermanentError } from "../../core/job/handler.ts";

/** A secret as the database hands it out: a value from Vault, or the name of a variable. */
export type SecretSource = { value: string } | { ref: string };

/** Returns the values of a tenant's secret sources, newest first. Throws `secret_unavailable`. */
export type ResolveSecrets = (tenantId: string, sources: readonly SecretSource[]) => string[];

const PREFIX = "JOBFORGE_SECRET_";
const REF = /^env:(JOBFORGE_SECRET_([0-9A-F]{32})_[A-Z0-9_]{1,64})$/;

/** Returns the variables meant for connectors. The worker's own keys are not among them. */
export function operatorSecrets(
  environment: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  return new Map(Object.entries(environment).filter(([name]) => name.startsWith(PREFIX)));
}

/**
 * Creates a resolver of secrets. It keeps only the variables named `JOBFORGE_SECRET_…`. A reference
 * is valid only for the tenant in its name.
 */
export function secretResolver(environment: Readonly<Record<string, string>>): ResolveSecrets {
  const operators = operatorSecrets(environment);
  return (tenantId, sources) => {
    const tenant = tenantId.replaceAll("-", "").toUpperCase();
    const values = sources.map((source) => {
      if ("value" in source) return source.value;
      const ref = REF.exec(source.ref);
      return ref?.[2] === tenant ? operators.get(ref[1]!) : undefined;
    });
    const found = values.filter((value) => typeof value === "string" && value !== "");
    if (found.length > 0) return found as string[];
    throw new PermanentError("no secret of this connector can be found", {
      code: "secret_unavailable",
    });
  };
}
