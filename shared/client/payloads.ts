import { parseJson } from "../core/encoding/exact_json.ts";
import { JSON_REFUSALS, storableJson } from "../core/encoding/json.ts";
import { jsonIssue } from "../core/encoding/json_issue.ts";
import { JobForgeError } from "../core/errors.ts";
import type { JobDefinition } from "../core/job/job_type.ts";
import { withBigInts } from "../core/job/numbers.ts";
import { checkJob, refusedPayload } from "../core/job/payload.ts";

/** Definitions by type name, if the application has given some. */
export type Known = ReadonlyMap<string, JobDefinition> | undefined;

/** More than the database takes. It rejects a payload of more than 256 KiB itself. */
const MAX_BYTES = 1024 * 1024;

/**
 * Checks a payload before it is sent. Throws `invalid_argument` for what JSON cannot hold,
 * `unknown_type` and `invalid_payload`. `index` names the job of a batch.
 */
export function checkPayloadToSend(
  known: Known,
  type: string,
  payload: unknown,
  index?: number,
): void {
  const where = index === undefined ? "" : `jobs.${index}: `;
  checkSendable(`${where}the payload`, payload ?? {});
  if (known) return checkJob(known, { type, payload }, index);
  const issue = jsonIssue(payload);
  if (issue) throw refusedPayload([issue], where);
}

/** Throws `invalid_argument` for a value that JSON cannot hold, `payload_too_large` for a huge one. */
export function checkSendable(name: string, value: unknown): void {
  const check = storableJson(value, MAX_BYTES);
  if (check.ok) return;
  const { path, refusal } = check;
  const code = refusal === "too_large" ? "payload_too_large" : "invalid_argument";
  throw new JobForgeError(code, `${name} cannot be sent: ${path} ${JSON_REFUSALS[refusal]}`);
}

/** Reads a text of JSON. Its numbers stay exact. */
export function readText(text: string | null | undefined): unknown {
  return text === null || text === undefined ? null : parseJson(text);
}

/** Reads the result of a job. It has BigInts where the declaration of the type has `z.bigint()`. */
export function readResult(known: Known, type: string, text: string | null): unknown {
  const result = readText(text);
  const schema = known?.get(type)?.result;
  return schema && result !== null ? withBigInts(schema, result) : result;
}
