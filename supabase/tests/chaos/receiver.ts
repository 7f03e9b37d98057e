/** An attempt that reached the outside world. */
export interface Effect {
  /** The job's id, from the handler or the connector. */
  job: string;
  /** 0 where the request has none. */
  attempt: number;
  /** Epoch milliseconds. */
  at: number;
}

/** A server on loopback that stores what it receives. */
export interface Receiver {
  url: string;
  port: number;
  effects: Effect[];
  /** How requests of connectors are answered. */
  answer: () => Response;
  stop(): Promise<void>;
}

/** Starts a receiver. Handlers call `/effect`, connectors call everything else. */
export function startReceiver(): Receiver {
  const effects: Effect[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    const at = Date.now();
    if (new URL(request.url).pathname === "/effect") {
      effects.push({ ...JSON.parse(text), at });
      return new Response(null, { status: 204 });
    }
    const id = request.headers.get("webhook-id") ?? request.headers.get("idempotency-key") ?? "";
    effects.push({ job: id.replace(/^msg_/, ""), attempt: 0, at });
    return receiver.answer();
  });
  const { port } = server.addr;
  const receiver: Receiver = {
    ...{ url: `http://127.0.0.1:${port}`, port, effects },
    answer: () => new Response("ok"),
    stop: () => server.shutdown(),
  };
  return receiver;
}
