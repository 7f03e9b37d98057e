import { cpus } from "node:os";
import { join } from "node:path";
import { median, millisecondsOf } from "../harness/harness.ts";
import type { Server } from "../harness/server.ts";
import { GRAPHILE_VERSION } from "../peers/graphile.ts";
import { PG_BOSS_VERSION } from "../peers/pg_boss.ts";

/** What the figures were measured on and with. */
export interface Machine {
  date: string;
  hardware: string;
  fsyncMs: number;
  versions: Record<string, string>;
}

/** Describes this machine and the versions in use. */
export async function describeMachine(server: Server): Promise<Machine> {
  const cores = cpus();
  const memory = Deno.systemMemoryInfo().total / 2 ** 30;
  return {
    date: new Date().toISOString().slice(0, 10),
    hardware: `${cores.length} × ${cores[0]?.model.trim() || Deno.build.arch}, ` +
      `${memory.toFixed(0)} GiB, ${Deno.build.os}`,
    fsyncMs: await fsyncMs(),
    versions: {
      Postgres: server.version.split(" ")[0]!,
      Deno: Deno.version.deno,
      "graphile-worker": GRAPHILE_VERSION,
      "pg-boss": PG_BOSS_VERSION,
    },
  };
}

/** What a commit waits for at least: 8 kB written and synced. */
async function fsyncMs(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "jobforge-bench-" });
  const file = await Deno.open(join(folder, "synced"), { create: true, write: true });
  const block = new Uint8Array(8192);
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    times.push(
      await millisecondsOf(async () => {
        await file.write(block);
        await file.syncData();
      }),
    );
  }
  file.close();
  await Deno.remove(folder, { recursive: true });
  return median(times);
}
