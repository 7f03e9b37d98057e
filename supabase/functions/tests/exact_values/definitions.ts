import * as z from "zod";
import { defineJob } from "../../../../shared/core/job/job_type.ts";
import { decimal } from "../../../../shared/core/job/number_schemas.ts";

/** Returns its payload as result and progress. */
export const echo = defineJob({ type: "exact.echo", maxAttempts: 1 });

/** Takes numbers that a `number` holds. */
export const plain = defineJob({
  type: "exact.plain",
  payload: z.object({ id: z.number() }),
  maxAttempts: 1,
});

/** Takes a record, whose names zod copies. */
export const record = defineJob({
  type: "exact.record",
  payload: z.object({ value: z.record(z.string(), z.unknown()) }),
  maxAttempts: 1,
});

/** Takes numbers of any size. */
export const asked = defineJob({
  type: "exact.asked",
  payload: z.strictObject({ id: z.bigint(), line: z.bigint(), total: decimal() }),
  result: z.strictObject({ next: z.bigint(), line: z.bigint(), total: z.string() }),
  maxAttempts: 1,
});

/** The job types of these tests. */
export const definitions = [echo, plain, record, asked] as const;
