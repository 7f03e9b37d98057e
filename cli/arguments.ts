import { InvalidArgumentError, Option } from "commander";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Reads a uuid. */
export function uuid(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It is no uuid.");
}

/** Reads a whole number of a range. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It is no whole number from ${min} to ${max}.`);
  };
}

/** Reads a limit: a whole number, or `none`. */
export function limit(text: string): number | "none" {
  return text === "none" ? text : whole(0, 2_000_000_000)(text);
}

/** Reads a JSON object. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Refused below, like what is no object.
  }
  throw new InvalidArgumentError("It is no JSON object.");
}

/** The tenant every command about one tenant's things needs. */
export function tenantOption(): Option {
  return new Option("-t, --tenant <uuid>", "whose").argParser(uuid).makeOptionMandatory();
}

/** The tenant of commands that can also look at all. */
export function anyTenantOption(): Option {
  return new Option("-t, --tenant <uuid>", "of one tenant; default all").argParser(uuid);
}

/** The queue a command is about. */
export function queueOption(): Option {
  return new Option("-q, --queue <name>", "which queue").default("default");
}
