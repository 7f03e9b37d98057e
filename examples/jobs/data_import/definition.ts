import * as z from "zod";
import { defineJob } from "../../../shared/core/job/job_type.ts";

const column = z.strictObject({
  name: z.string().min(1).max(100),
  kind: z.enum(["text", "integer", "decimal", "date", "boolean", "email"]),
  required: z.boolean().default(true),
  /** No two accepted rows may have the same value. */
  unique: z.boolean().default(false),
});

const total = z.object({ count: z.int(), sum: z.string(), min: z.string(), max: z.string() });

/** Checks a CSV file against declared columns: which rows are sound, which are not and why. */
export const dataImport = defineJob({
  type: "data.import",
  payload: z.strictObject({
    /** The file with its header line. */
    csv: z.string().min(1).max(250_000),
    delimiter: z.enum([",", ";", "\t", "|"]).default(","),
    columns: z.array(column).min(1).max(50),
    /** At most so many errors are listed. All are counted. */
    max_errors: z.int().min(0).max(1_000).default(100),
  }),
  result: z.object({
    rows: z.int(),
    accepted: z.int(),
    rejected: z.int(),
    /** `line` counts from 1 with the header. Values are never repeated here. */
    errors: z.array(z.object({ line: z.int(), column: z.string(), rule: z.string() })),
    errors_omitted: z.int(),
    /** Exact sums of integer and decimal columns over the accepted rows, without zeros at the end. */
    totals: z.record(z.string(), total),
  }),
  timeoutMs: 60_000,
  maxAttempts: 3,
});
