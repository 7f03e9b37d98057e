import * as z from "zod";
import { defineJob } from "../../../shared/core/job/job_type.ts";

const party = z.strictObject({
  name: z.string().min(1).max(200),
  address: z.array(z.string().max(200)).max(6).default([]),
  tax_id: z.string().max(50).optional(),
});

const line = z.strictObject({
  description: z.string().min(1).max(500),
  /** A decimal with up to three places, as text: `1.5`. */
  quantity: z.string().regex(/^\d{1,7}(\.\d{1,3})?$/),
  /** Price of one in the smallest unit of the currency (cents). */
  unit_price_minor: z.int().min(-1_000_000_000).max(1_000_000_000),
  /** Percent with up to two places, as text: `19` or `5.5`. */
  tax_percent: z.string().regex(/^\d{1,2}(\.\d{1,2})?$/).default("0"),
});

/** Renders an invoice as a self-contained HTML page, with totals per tax rate. */
export const reportRender = defineJob({
  type: "report.render",
  payload: z.strictObject({
    number: z.string().min(1).max(50),
    issued_on: z.iso.date(),
    due_on: z.iso.date().optional(),
    currency: z.string().regex(/^[A-Z]{3}$/),
    locale: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/).default("en"),
    seller: party,
    buyer: party,
    lines: z.array(line).min(1).max(500),
    note: z.string().max(2_000).optional(),
  }),
  result: z.object({
    html: z.string(),
    net_minor: z.int(),
    tax_minor: z.int(),
    gross_minor: z.int(),
  }),
  timeoutMs: 15_000,
  maxAttempts: 3,
});
