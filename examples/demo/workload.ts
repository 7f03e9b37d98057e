import type { JobToEnqueue } from "../../shared/client.ts";
import type { JobRequest } from "../../shared/core/job/job_request.ts";
import { definitions as ownDefinitions } from "../../shared/jobs/definitions.ts";
import { sample } from "../data/sample.ts";
import { sampleDefinitions } from "../jobs/definitions.ts";

/** Every job type of the demo: those of JobForge and its own. */
export const definitions = [...ownDefinitions, ...sampleDefinitions] as const;

/** A job of one of these types. */
export type DemoJob = JobToEnqueue<typeof definitions>;

function repeat<Job extends DemoJob | JobRequest>(
  count: number,
  make: (i: number) => Job,
): Job[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** acme's users have documents indexed. One long job shows its progress, one fails twice first. */
export async function documentJobs(): Promise<DemoJob[]> {
  const names = ["lighthouse.txt", "orchard.txt", "letters.txt"];
  const texts = await Promise.all(names.map(sample));
  return [
    { type: "system.probe", payload: { work_ms: 3_000, steps: 12, echo: "slow but steady" } },
    { type: "system.probe", payload: { fail_attempts: 2, echo: "third time lucky" } },
    ...repeat(96, (i) => ({
      type: "document.index",
      payload: { title: names[i % 3]!, text: texts[i % 3]! },
      idempotencyKey: `document-${i}`,
    })),
  ];
}

/** globex's backend imports files. One job ends at once with a permanent error. */
export async function importJobs(): Promise<DemoJob[]> {
  const orders = await sample("orders.csv");
  const readings = await sample("readings.csv");
  return [
    { type: "system.probe", payload: { fail_attempts: 1, fail_with: "permanent" } },
    ...repeat(48, () => ({
      type: "data.import",
      payload: {
        csv: orders,
        columns: [
          { name: "order_id", kind: "integer", unique: true },
          { name: "customer_email", kind: "email" },
          { name: "placed_on", kind: "date" },
          { name: "quantity", kind: "integer" },
          { name: "unit_price", kind: "decimal" },
          { name: "gift", kind: "boolean", required: false },
        ],
      },
    } as const)),
    ...repeat(47, () => ({
      type: "data.import",
      payload: {
        csv: readings,
        delimiter: ";",
        columns: [
          { name: "station", kind: "text" },
          { name: "read_on", kind: "date" },
          { name: "rain_mm", kind: "decimal" },
          { name: "comment", kind: "text", required: false },
        ],
      },
    } as const)),
  ];
}

/** initech's database enqueues invoices as it writes orders. One job uses up its attempts. */
export async function invoiceJobs(): Promise<JobRequest[]> {
  const invoice = JSON.parse(await sample("invoice.json"));
  return [
    { type: "system.probe", payload: { fail_attempts: 9 }, max_attempts: 2 },
    ...repeat(95, (i) => ({
      type: "report.render",
      payload: { ...invoice, number: `2026-${String(i + 1).padStart(4, "0")}` },
      priority: i % 10 === 0 ? -10 : 0,
    } as const)),
  ];
}
