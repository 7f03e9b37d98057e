import type { Command } from "commander";
import { anyTenantOption, integer } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { sheet, table } from "../table.ts";

interface Ended {
  started: number;
  error_rate: number | null;
  [status: string]: unknown;
}

interface Overview {
  at: string;
  ready: number;
  scheduled: number;
  running: number;
  oldest_ready_seconds: number | null;
  open_alerts: number;
  last_5_minutes: Ended;
  last_hour: Ended;
  runs?: Record<string, number>;
  [name: string]: unknown;
}

type Row = Record<string, unknown>;

const QUEUE = ["tenant_id", "queue", "ready", "scheduled", "running", "oldest_ready_seconds"];

async function readStats(session: Session, tenantId?: string) {
  const overview = await session.rpc<Overview>("jobforge_overview", {
    p_tenant_id: tenantId ?? null,
  });
  const { queues } = await session.rpc<{ queues: Row[] }>("jobforge_metrics");
  const shown = tenantId ? queues.filter((queue) => queue.tenant_id === tenantId) : queues;
  return { overview, queues: shown };
}

function text({ overview, queues }: Awaited<ReturnType<typeof readStats>>, most: number): string {
  const { ready, scheduled, running, open_alerts, last_5_minutes, last_hour, runs } = overview;
  const oldest = overview.oldest_ready_seconds;
  const numbers = sheet({
    jobs: `${ready} ready, ${scheduled} scheduled, ${running} running`,
    oldest_ready: oldest === null ? "-" : `${Math.round(oldest)} s`,
    last_5_minutes: inWords(last_5_minutes),
    last_hour: inWords(last_hour),
    ...(runs
      ? {
        runs: `${runs.live} live, ${runs.held} of ${runs.capacity} slots in use, ` +
          `${runs.lost_24h} lost and ${runs.undelivered_24h} undelivered in 24 hours`,
      }
      : {}),
    open_alerts,
  });
  const busiest = queues.toSorted((left, right) => Number(right.ready) - Number(left.ready));
  const rows = busiest.slice(0, most);
  const more = busiest.length > rows.length ? `\n… and ${busiest.length - rows.length} more` : "";
  return `${numbers}\n\nNon-empty queues\n${table(rows, [...QUEUE, "paused"])}${more}`;
}

function inWords({ started, succeeded, failed, dead, error_rate }: Ended): string {
  const rate = error_rate === null ? "" : `, ${(Number(error_rate) * 100).toFixed(1)} % errors`;
  return `${started} attempts, ${succeeded} succeeded, ${failed} failed, ${dead} dead${rate}`;
}

/** The commands stats and top: the present numbers. */
export function statsCommands(program: Command, act: Act): void {
  program.command("stats")
    .description("show the present numbers and every non-empty queue")
    .addOption(anyTenantOption())
    .action(act(async (session, options: { tenant?: string }) => {
      const seen = await readStats(session, options.tenant);
      session.show(seen, () => text(seen, 100));
    }));
  program.command("top")
    .description("show stats repeatedly until Ctrl-C")
    .addOption(anyTenantOption())
    .option("-i, --interval <seconds>", "seconds between updates", integer(1, 3600), 2)
    .option("-n, --count <updates>", "number of updates", integer(1, 1_000_000))
    .action(act(async (session, options: { tenant?: string; interval: number; count?: number }) => {
      for (let updates = 1;; updates++) {
        const seen = await readStats(session, options.tenant);
        const clear = session.terminal.isInteractive ? "\x1b[H\x1b[2J" : "";
        session.show(seen, () => `${clear}${seen.overview.at}\n${text(seen, 20)}`);
        if (updates === options.count) return;
        await session.terminal.pause(options.interval * 1000);
      }
    }));
}
