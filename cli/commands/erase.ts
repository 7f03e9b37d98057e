import type { Command } from "commander";
import { uuid, whole } from "../arguments.ts";
import type { Act } from "../command.ts";
import { type Session, UsageError } from "../session.ts";
import { sheet } from "../table.ts";

interface EraseOptions {
  yes?: boolean;
  limit: number;
  waitSeconds: number;
}

type Step = { state: string } & Record<string, unknown>;

const WAIT_MS = 1_000;

function confirm(session: Session, tenantId: string, { yes }: EraseOptions): void {
  if (yes) return;
  const typed = session.terminal.ask("This cannot be undone. Type the tenant's id to erase it:");
  if (typed === undefined) throw new UsageError("nobody can confirm it: scripts pass --yes");
  if (typed.trim().toLowerCase() !== tenantId) throw new UsageError("that is another id");
}

/** erase: everything about a tenant. */
export function eraseCommand(program: Command, act: Act): void {
  program.command("erase <tenant>")
    .description("delete everything about a tenant, everywhere, and print the certificate")
    .option("--yes", "without asking")
    .option("-n, --limit <rows>", "per step", whole(1, 10_000), 1_000)
    .option("--wait-seconds <s>", "how long to wait for running jobs", whole(0, 86_400), 120)
    .action(act(async (session, id: string, options: EraseOptions) => {
      const tenantId = uuid(id);
      confirm(session, tenantId, options);
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
          const hint = "not finished: jobs of the tenant still run; the tick goes on with it";
          return session.show(step, () => hint);
        }
        waited += WAIT_MS;
        await session.terminal.pause(WAIT_MS);
      }
    }));
}
