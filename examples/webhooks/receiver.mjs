// Receives webhooks of JobForge on Node, with nothing but node:crypto. Run it with
//   PORT=9000 WEBHOOK_SECRETS="whsec_… whsec_…" node receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const MAX_BODY_BYTES = 1024 * 1024;
const TOLERANCE_SECONDS = 300;
const keys = process.env.WEBHOOK_SECRETS.split(" ")
  .map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
// A table with a unique id in a real application: events come at least once.
const seen = new Set();

/** Throws unless one of the secrets signed these very bytes a short while ago. */
function verify(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": list } = headers;
  if (!id || !list || !/^\d{10}$/.test(timestamp)) throw new Error("no signature");
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) throw new Error("old");
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const expected = keys.map((key) => createHmac("sha256", key).update(content).digest());
  const given = list.split(" ").slice(0, 16).filter((entry) => entry.startsWith("v1,"))
    .map((entry) => Buffer.from(entry.slice(3), "base64"));
  const matches = given.some((signature) =>
    expected.some((mac) => mac.length === signature.length && timingSafeEqual(mac, signature))
  );
  if (!matches) throw new Error("bad signature");
}

async function readCapped(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  try {
    const body = await readCapped(request);
    verify(request.headers, body);
    const id = request.headers["webhook-id"];
    const { type, data } = JSON.parse(body);
    console.log(`${seen.has(id) ? "again" : "accepted"} ${type} ${JSON.stringify(data)}`);
    seen.add(id);
    response.writeHead(204).end();
  } catch (error) {
    console.log(`refused: ${error.message}`);
    response.writeHead(401).end();
  }
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`listening on port ${server.address().port}`);
});
