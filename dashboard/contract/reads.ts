import { JobForgeError } from "../../shared/core/errors.ts";

/** The form of a parameter. */
type Kind = "uuid" | "number" | "time";

interface Parameter {
  column: string;
  operator: "eq" | "lt" | "is";
  kind: Kind;
  required?: boolean;
}

interface Read {
  table: string;
  columns: string;
  order?: string;
  /** Maximum number of rows. */
  limit: number;
  parameters: Record<string, Parameter>;
}

const PATTERNS: Record<Kind, RegExp> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  number: /^\d{1,18}$/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/,
};

const JOB_KEY: Read["parameters"] = {
  tenant: { column: "tenant_id", operator: "eq", kind: "uuid", required: true },
  job: { column: "id", operator: "eq", kind: "uuid", required: true },
};
const JOB_PART_KEY: Read["parameters"] = {
  tenant: { column: "tenant_id", operator: "eq", kind: "uuid", required: true },
  job: { column: "job_id", operator: "eq", kind: "uuid", required: true },
};
const OF_TENANT: Parameter = { column: "tenant_id", operator: "eq", kind: "uuid" };

/** The reads of tables, with fixed columns, order and size. Callers choose only typed filters. */
export const READS = {
  job: {
    table: "jobforge_jobs",
    columns: "tenant_id,id,queue,type,status,priority,scheduled,run_at,attempts,max_attempts," +
      "timeout_ms,idempotency_key,cancel_requested_at,progress,traceparent,created_by,last_error," +
      "created_at,started_at,finished_at",
    limit: 1,
    parameters: JOB_KEY,
  },
  payload: { table: "jobforge_jobs", columns: "payload", limit: 1, parameters: JOB_KEY },
  result: {
    table: "jobforge_job_results",
    columns: "result,created_at",
    limit: 1,
    parameters: JOB_PART_KEY,
  },
  attempts: {
    table: "jobforge_job_attempts",
    columns: "attempt_no,started_at,finished_at,outcome,error",
    order: "attempt_no.desc",
    limit: 200,
    parameters: JOB_PART_KEY,
  },
  schedules: {
    table: "jobforge_schedules",
    columns: "id,tenant_id,name,expression,time_zone,type,queue,overlap,catch_up,paused,next_at," +
      "last_at,started,skipped,missed,failed,last_error,problem",
    order: "id.asc",
    limit: 200,
    parameters: { tenant: OF_TENANT },
  },
  connectors: {
    table: "jobforge_connector_configs",
    columns: "tenant_id,id,connector,name,config,enabled,disabled_reason,created_at,updated_at",
    order: "id.asc",
    limit: 200,
    parameters: { tenant: OF_TENANT },
  },
  received_webhooks: {
    table: "jobforge_received_webhooks",
    columns: "tenant_id,config_id,replay_key,job_id,received_at",
    order: "received_at.desc",
    limit: 50,
    parameters: {
      tenant: { ...OF_TENANT, required: true },
      endpoint: { column: "config_id", operator: "eq", kind: "uuid", required: true },
      before: { column: "received_at", operator: "lt", kind: "time" },
    },
  },
  audit: {
    table: "jobforge_audit_log",
    columns: "id,at,role,subject,tenant_id,action,target,detail",
    order: "id.desc",
    limit: 50,
    parameters: {
      tenant: OF_TENANT,
      before: { column: "id", operator: "lt", kind: "number" },
    },
  },
} satisfies Record<string, Read>;

/** The name of a read. */
export type ReadName = keyof typeof READS;

/** Returns whether a name is a read. */
export function isRead(name: string): name is ReadName {
  return Object.hasOwn(READS, name);
}

/**
 * Returns path and query of a read below the Data API's base URL. Throws `invalid_argument` for an
 * unknown, missing or invalid parameter.
 */
export function readPath(name: ReadName, given: Record<string, string>): string {
  const read: Read = READS[name];
  for (const parameter of Object.keys(given)) {
    if (!Object.hasOwn(read.parameters, parameter)) {
      throw invalidRead(`${name} has no parameter ${parameter}`);
    }
  }
  const query = new URLSearchParams({ select: read.columns, limit: String(read.limit) });
  if (read.order) query.set("order", read.order);
  for (const [parameter, { column, operator, kind, required }] of Object.entries(read.parameters)) {
    const value = given[parameter];
    if (value === undefined && !required) continue;
    if (value === undefined || !PATTERNS[kind].test(value)) {
      throw invalidRead(`${parameter} must be a ${kind}`);
    }
    query.append(column, `${operator}.${value}`);
  }
  return `/rest/v1/${read.table}?${query}`;
}

function invalidRead(message: string): JobForgeError {
  return new JobForgeError("invalid_argument", message);
}
