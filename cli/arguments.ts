import { InvalidArgumentError, Option } from "commander";
import { parseJson } from "../shared/adapters/http/body.ts";
import { jsonIssue } from "../shared/core/encoding/json_issue.ts";
import { JobForgeError } from "../shared/core/errors.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Reads a UUID. */
export function uuid(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It must be a UUID.");
}

/** Returns a reader of integers in a range. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`);
  };
}

const TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Reads an ISO 8601 time. Without an offset it is local, and a date alone is UTC. */
export function time(text: string): string {
  const at = TIME.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new InvalidArgumentError("It must be an ISO 8601 time, such as 2026-12-01T08:00:00Z.");
}

/** Reads a limit: an integer, or `none`. */
export function limit(text: string): number | "none" {
  return text === "none" ? text : integer(0, 2_000_000_000)(text);
}

/** Reads a JSON object. Its numbers stay exact. */
export function jsonObject(text: string): Record<string, unknown> {
  const value = read(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError("It must be a JSON object.");
  }
  const issue = jsonIssue(value);
  if (issue) throw new InvalidArgumentError(`It cannot be stored: ${issue.path} (${issue.rule}).`);
  return value as Record<string, unknown>;
}

function read(text: string): unknown {
  try {
    return parseJson(new TextEncoder().encode(text));
  } catch (thrown) {
    if (thrown instanceof JobForgeError && thrown.message.includes("twice")) {
      throw new InvalidArgumentError(`${thrown.message.replace("the body", "It")}.`);
    }
    return undefined;
  }
}

/** The tenant, required by commands about one tenant. */
export function tenantOption(): Option {
  return new Option("-t, --tenant <uuid>", "tenant ID").argParser(uuid).makeOptionMandatory();
}

/** The tenant, optional for commands about all tenants. */
export function anyTenantOption(): Option {
  return new Option("-t, --tenant <uuid>", "tenant ID (default: all tenants)").argParser(uuid);
}

/** The queue of a command. */
export function queueOption(): Option {
  return new Option("-q, --queue <name>", "queue name").default("default");
}
