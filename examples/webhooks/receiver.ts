// Receives webhooks of JobForge on Deno, with the library of the specification. Run it with
//   PORT=9000 WEBHOOK_SECRETS="whsec_… whsec_…" deno run --allow-net --allow-env receiver.ts
import { Webhook } from "standardwebhooks";

const MAX_BODY_BYTES = 1024 * 1024;
const webhooks = Deno.env.get("WEBHOOK_SECRETS")!.split(" ").map((secret) => new Webhook(secret));
// A table with a unique id in a real application: events come at least once.
const seen = new Set<string>();

interface Event {
  type: string;
  timestamp: string;
  data: unknown;
}

/** The event, if one of the secrets signed it a short while ago. Throws otherwise. */
function verified(headers: Record<string, string>, body: string): Event {
  for (const webhook of webhooks) {
    try {
      return webhook.verify(body, headers) as Event;
    } catch {
      // During a rotation the other secret may be the one.
    }
  }
  throw new Error("bad signature or time");
}

async function readCapped(request: Request): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function receive(request: Request): Promise<Response> {
  try {
    const headers = Object.fromEntries(request.headers);
    const { data, type } = verified(headers, await readCapped(request));
    const id = headers["webhook-id"]!;
    console.log(`${seen.has(id) ? "again" : "accepted"} ${type} ${JSON.stringify(data)}`);
    seen.add(id);
    return new Response(null, { status: 204 });
  } catch (error) {
    console.log(`refused: ${(error as Error).message}`);
    return new Response(null, { status: 401 });
  }
}

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT")),
  onListen: ({ port }) => console.log(`listening on port ${port}`),
}, receive);
