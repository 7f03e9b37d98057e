import type { Command } from "commander";
import { integer, jsonObject, tenantOption, time, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { sheet } from "../table.ts";

interface EnqueueOptions {
  tenant: string;
  payload: Record<string, unknown>;
  key?: string;
  at?: string;
  queue?: string;
  priority?: number;
  maxAttempts?: number;
  timeoutMs?: number;
}

/** The commands enqueue and reschedule: the start of single jobs. */
export function enqueueCommands(program: Command, act: Act): void {
  program.command("enqueue")
    .argument("<type>", "job type")
    .description("enqueue a job")
    .addOption(tenantOption())
    .option("-p, --payload <json>", "payload, a JSON object", jsonObject, {})
    .option("--key <text>", "idempotency key: the same key returns the first job")
    .option("--at <time>", "not before this time (ISO 8601)", time)
    .option("-q, --queue <name>", "queue name (default: default)")
    .option("--priority <number>", "-100 to 100, smaller starts sooner", integer(-100, 100))
    .option("--max-attempts <attempts>", "instead of what the type declares", integer(1, 1_000))
    .option("--timeout-ms <ms>", "instead of what the type declares", integer(100, 86_400_000))
    .addHelpText(
      "after",
      '\nExample: jobforge enqueue welcome.mail -t <tenant> -p \'{"to":"a@b.c"}\'',
    )
    .action(act(enqueue));
  program.command("reschedule")
    .argument("<job>", "job ID", uuid)
    .description("move the start of a job that waits")
    .addOption(tenantOption())
    .option("--at <time>", "not before this time (ISO 8601, default: now)", time)
    .action(act(reschedule));
}

async function enqueue(session: Session, type: string, options: EnqueueOptions): Promise<void> {
  const { tenant, payload, key, at, queue, priority, maxAttempts, timeoutMs } = options;
  const job = {
    ...{ type, payload, idempotency_key: key, run_at: at, queue, max_attempts: maxAttempts },
    ...{ timeout_ms: timeoutMs, priority },
  };
  const args = { p_tenant_id: tenant, p_jobs: [job] };
  const [made] = await session.rpc<Record<string, unknown>[]>("jobforge_enqueue_jobs", args);
  session.show(made, () => sheet(made!));
}

async function reschedule(
  session: Session,
  id: string,
  { tenant, at = new Date().toISOString() }: { tenant: string; at?: string },
): Promise<void> {
  const args = { p_job_id: id, p_tenant_id: tenant, p_run_at: at };
  const [job] = await session.rpc<Record<string, unknown>[]>("jobforge_reschedule_job", args);
  session.show(job, () => sheet(job!));
}
