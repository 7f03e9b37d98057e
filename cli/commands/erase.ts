import type { Command } from "commander";
import { integer, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { UsageError } from "../usage_error.ts";
import { sheet } from "../table.ts";

interface EraseOptions {
  yes?: boolean;
  limit: number;
  waitSeconds: number;
}

type Step = { state: string } & Record<string, unknown>;

const WAIT_MS = 1_000;

async function confirm(
  session: Session,
  tenantId: string,
  { yes }: EraseOptions,
): Promise<void> {
  if (yes) return;
  const typed = await session.terminal.ask("This cannot be undone. Type the tenant ID to confirm:");
  if (typed === undefined) {
    throw new UsageError("a terminal is required to confirm: pass --yes in scripts");
  }
  if (typed.trim().toLowerCase() !== tenantId) {
    throw new UsageError("the typed ID is not the tenant ID");
  }
}

/** The command erase: everything about a tenant. */
export function eraseCommand(program: Command, act: Act): void {
  program.command("erase")
    .argument("<tenant>", "tenant ID", uuid)
    .description("delete all data of a tenant and print the erasure certificate")
    .option("--yes", "skip the confirmation")
    .option("-n, --limit <rows>", "rows per step", integer(1, 10_000), 1_000)
    .option("--wait-seconds <s>", "seconds to wait for running jobs", integer(0, 86_400), 120)
    .action(act(async (session, tenantId: string, options: EraseOptions) => {
      await confirm(session, tenantId, options);
      const args = { p_tenant_id: tenantId, p_limit: options.limit };
      let waited = 0;
      for (let steps = 1;; steps++) {
        const step = await session.rpc<Step>("jobforge_erase_tenant", args);
        if (step.state === "finished") {
          return session.show(step, () => sheet(step));
        }
        session.progress(`step ${steps}: ${step.state} ${JSON.stringify(step.counts ?? {})}`);
        if (step.state !== "waiting") continue;
        if (waited >= options.waitSeconds * 1000) {
          session.fail();
          const hint =
            "not finished: jobs of the tenant still run. The dispatcher continues the erasure.";
          return session.show(step, () => hint);
        }
        waited += WAIT_MS;
        await session.terminal.pause(WAIT_MS);
      }
    }));
}
