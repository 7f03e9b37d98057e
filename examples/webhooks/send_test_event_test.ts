import assert from "node:assert/strict";
import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import { connect } from "../../local/postgres/database.ts";
import { startStack } from "../../local/stack/stack.ts";

const SCRIPT = `${import.meta.dirname}/send_test_event.sh`;
const SECRET = "a test secret of 32 characters..";

/** Whether a command that the script needs is there. */
async function has(command: string): Promise<boolean> {
  const args = ["-c", `command -v ${command}`];
  return (await new Deno.Command("sh", { args, stdout: "null" }).output()).success;
}

const ignore = !await has("curl") || !await has("openssl");

Deno.test({ name: "an event sent by curl becomes a job", ignore }, async () => {
  const stack = await startStack({ functions: ["webhook-verify"] });
  const sql = connect(stack.dbUrl);
  try {
    await sql`select from jobforge_set_secret(${DEMO_TENANTS.acme}, 'test', ${SECRET})`;
    const config = { scheme: "jobforge", job_type: "system.noop" };
    const [endpoint] = await sql`
      select jobforge_configure_connector(${DEMO_TENANTS.acme}, 'webhook-verify', 'test',
        ${sql.json(config)}, '{vault:test}') as id`;
    const url = `${stack.url}/functions/v1/webhook-verify/${endpoint!.id}`;
    assert.match(await send(url, SECRET), /^\{"job_id":"[0-9a-f-]{36}","duplicate":false\} 202\n$/);
    assert.match(await send(url, "another"), /"code":"webhook_refused"\} 401\n$/);
    const [job] = await sql`select payload -> 'body' as body from jobforge_jobs`;
    assert.deepEqual(job!.body, { order: "A-17" });
  } finally {
    await sql.end();
    await stack.stop();
  }
});

async function send(url: string, secret: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", {
    args: [SCRIPT, '{"order":"A-17"}'],
    env: { ENDPOINT_URL: url, WEBHOOK_SECRET: secret },
  }).output();
  return new TextDecoder().decode(stdout);
}
