import { buildView, ICON, pageOf } from "../build.ts";
import { type Asset, createDashboard } from "./app.ts";
import { openData } from "./data.ts";
import { createGuard } from "./guard.ts";

/** A running dashboard. */
export interface Dashboard {
  /** Address with the token in its fragment, which browsers do not send. */
  url: string;
  /** Address without the token. */
  origin: string;
  token: string;
  stop(): Promise<void>;
}

/** The options of a dashboard. */
export interface DashboardOptions {
  supabaseUrl: string;
  secretKey: string;
  /** Port on 127.0.0.1, or 0 for a free one. */
  port?: number;
  /** At least 32 random bytes in base64url, default new ones. */
  token?: string;
  /** Callback for every request, for tests. */
  observe?: (request: Request) => void;
}

/** Returns a token for a dashboard. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Starts the dashboard on 127.0.0.1. Without a token it makes one. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const assets = await pageAssets();
  const token = options.token ?? newToken();
  const data = openData(options.supabaseUrl, options.secretKey);
  const abort = new AbortController();
  let answer = (_early: Request) => Promise.resolve(new Response(null, { status: 503 }));
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    signal: abort.signal,
    onListen() {},
  }, (request) => {
    options.observe?.(request);
    return answer(request);
  });
  answer = createDashboard({ guard: createGuard(server.addr.port, token), data, assets });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  return {
    url: `${origin}/#token=${token}`,
    origin,
    token,
    async stop() {
      abort.abort();
      await server.finished;
    },
  };
}

async function pageAssets(): Promise<Map<string, Asset>> {
  const { script, styles } = await buildView("operator");
  return new Map([
    ["/", { type: "text/html; charset=utf-8", bytes: pageOf("JobForge") }],
    ["/view.js", { type: "text/javascript; charset=utf-8", bytes: script }],
    ["/styles.css", { type: "text/css; charset=utf-8", bytes: styles }],
    ["/icon.svg", { type: "image/svg+xml", bytes: ICON }],
  ]);
}
