import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { utf8 } from "../../shared/core/encoding/bytes.ts";
import { signStandard } from "../../shared/core/webhook/sign.ts";

const FOLDER = import.meta.dirname!;
const SECRETS = [5, 6].map((fill) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`);
const FOREIGN = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const BODY = '{"type":"order.paid","timestamp":"2026-11-22T10:00:00.000Z","data":{"id":7}}';

const RIGHTS = ["--allow-net=127.0.0.1", "--allow-env=PORT,WEBHOOK_SECRETS"];
const RECEIVERS: [string, string, string[], [string, string]][] = [
  ["Node", "node", [`${FOLDER}/receiver.mjs`], ["old", "bad signature"]],
  [
    "Deno",
    Deno.execPath(),
    ["run", "--quiet", ...RIGHTS, `${FOLDER}/receiver.ts`],
    ["bad signature or time", "bad signature or time"],
  ],
];

for (const [what, command, args, [old, forged]] of RECEIVERS) {
  Deno.test(`the receiver on ${what} takes what we send, and nothing else`, async () => {
    const env = { PORT: "0", WEBHOOK_SECRETS: SECRETS.join(" ") };
    const child = new Deno.Command(command, { args, env, stdout: "piped" }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    try {
      const ready = (await lines.next()).value ?? "";
      const url = `http://127.0.0.1:${/^listening on port (\d+)\n$/.exec(ready)![1]}/`;
      const answers: [number, string | undefined][] = [];
      for (const [secret, seconds] of [[SECRETS[0]!, 0], [SECRETS[1]!, 1], [FOREIGN, 0]] as const) {
        answers.push([await post(url, secret, seconds), (await lines.next()).value]);
      }
      answers.push([await post(url, SECRETS[0]!, -301), (await lines.next()).value]);
      assert.deepEqual(answers, [
        [204, 'accepted order.paid {"id":7}\n'],
        [204, 'again order.paid {"id":7}\n'],
        [401, `refused: ${forged}\n`],
        [401, `refused: ${old}\n`],
      ]);
    } finally {
      child.kill();
      await child.status;
      await lines.return?.();
    }
  });
}

async function post(url: string, secret: string, seconds: number): Promise<number> {
  const timestamp = Math.floor(Date.now() / 1000) + seconds;
  const headers = await signStandard([secret], { id: "msg_7", timestamp, body: utf8(BODY) });
  const response = await fetch(url, { method: "POST", headers, body: BODY });
  await response.body?.cancel();
  return response.status;
}
