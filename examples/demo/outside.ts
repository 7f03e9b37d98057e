import { Webhook } from "standardwebhooks";

/** The rest of the world on loopback: an API to call, and a receiver of webhooks. */
export interface Outside {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** `127.0.0.1:<port>`, as JOBFORGE_LOCAL_EGRESS takes it. */
  address: string;
  /** Events that came with a good signature, and requests that did not. */
  received: { events: unknown[]; refused: number };
  stop(): Promise<void>;
}

/** Serves `/rates`, and `/webhooks`, which verifies with the library of the specification. */
export function openOutside(webhookSecret: string): Outside {
  const webhook = new Webhook(webhookSecret);
  const received: Outside["received"] = { events: [], refused: 0 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (new URL(request.url).pathname === "/rates") return Response.json({ EUR: 1, USD: 1.08 });
    try {
      const body = await request.text();
      received.events.push(webhook.verify(body, Object.fromEntries(request.headers)));
      return new Response(null, { status: 204 });
    } catch {
      received.refused++;
      return new Response(null, { status: 401 });
    }
  });
  const address = `127.0.0.1:${server.addr.port}`;
  return { url: `http://${address}`, address, received, stop: () => server.shutdown() };
}
