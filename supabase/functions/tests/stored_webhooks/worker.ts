import { toHex } from "../../../../shared/core/encoding/bytes.ts";
import { handle } from "../../../../shared/core/job/handler.ts";
import { serveWorker } from "../../worker/serve.ts";
import { webhookReceived } from "./definition.ts";

const read = handle(webhookReceived, async (event, ctx) => {
  const bytes = await event.bytes(ctx);
  const digest = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const body = await event.json(ctx);
  const members = Array.isArray(body) ? body.length : Object.keys(Object(body)).length;
  return { bytes: bytes.length, digest, members, attempt: ctx.attempt };
});

serveWorker({ handlers: [read] });
