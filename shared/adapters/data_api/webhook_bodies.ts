import { type Bytes, ownBase64Bytes } from "../../core/encoding/bytes.ts";
import { JobForgeError } from "../../core/errors.ts";
import type { ClaimedJob } from "../../worker/ports.ts";
import { noStoredBody, type ReadBody } from "../../worker/stored_bodies.ts";
import { callRpc, type DataApi } from "./data_api.ts";

const TIMEOUT_MS = 10_000;

/**
 * Returns a reader of stored bodies. It reads a part after the other, so that it never holds much
 * more than the body. It throws PermanentError for a job without one, and JobForgeError.
 */
export function openBodyReader(api: DataApi): ReadBody {
  return async (runId, job, size, signal) => {
    const body = new Uint8Array(size);
    let read = 0;
    while (read < size) {
      const part = await readPart(api, runId, job, read, signal);
      if (part.length === 0 || part.length > size - read) {
        throw new JobForgeError("internal", "a stored body has another length than its job says");
      }
      body.set(part, read);
      read += part.length;
    }
    return body;
  };
}

async function readPart(
  api: DataApi,
  runId: number,
  { id, lease_token }: ClaimedJob,
  from: number,
  signal: AbortSignal,
): Promise<Bytes> {
  const args = { p_run_id: runId, p_lease_token: lease_token, p_job_id: id, p_from: from };
  const options = { timeoutMs: TIMEOUT_MS, signal };
  const text = await callRpc(api, "jobforge_read_webhook_body", args, options).catch((thrown) => {
    if (!(thrown instanceof JobForgeError) || thrown.code !== "not_found") throw thrown;
    throw noStoredBody();
  });
  return ownBase64Bytes(String(text));
}
