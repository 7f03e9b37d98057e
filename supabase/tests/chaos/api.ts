import { fileURLToPath } from "node:url";
import { generateKeys } from "../../../local/keys.ts";
import { freePort } from "../../../local/system.ts";

/** Data API, Auth, `enqueue`, pg_cron and pg_net in a process of their own. */
export interface Api {
  url: string;
  secretKey: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, at the same address and under the same keys. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL("./api_process.ts", import.meta.url));
const PERMISSIONS = [
  ...["--allow-net=127.0.0.1,localhost", "--allow-read", "--allow-write", "--allow-env"],
  ...["--allow-run", "--allow-sys=uid"],
];

/**
 * Starts the stack in another process, which goes down with its database. Its parts do not
 * survive every lost connection: a query of postgres.js may wait forever.
 */
export async function startApi(adminUrl: string, password: string): Promise<Api> {
  const port = freePort();
  const keys = generateKeys();
  let process: Deno.ChildProcess;
  let input: WritableStreamDefaultWriter<Uint8Array>;
  const api: Api = {
    ...{ url: `http://127.0.0.1:${port}`, secretKey: keys.secretKey },
    async start() {
      process = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", ...PERMISSIONS, SCRIPT],
        ...{ stdin: "piped", stdout: "piped", stderr: "null" },
      }).spawn();
      input = process.stdin.getWriter();
      const settings = { port, database: { adminUrl, password, keys } };
      await input.write(new TextEncoder().encode(JSON.stringify(settings)));
      const { value } = await process.stdout.getReader().read();
      if (!value) throw new Error("the stack did not start");
    },
    async kill() {
      try {
        process.kill("SIGKILL");
      } catch (error) {
        // It may have died of the lost connections.
        if (!(error instanceof TypeError)) throw error;
      }
      await process.status;
      await input.close().catch(() => {});
    },
    async stop() {
      await input.close();
      await process.status;
    },
  };
  await api.start();
  return api;
}
