import assert from "node:assert/strict";
import { onWorkerStage } from "./fake_stage.ts";

Deno.test("a worker states what is wrong with its login, its key and its settings", () =>
  onWorkerStage(async (stage) => {
    const { stack, environment } = stage;
    const asked = (env: Record<string, string>, ...options: string[]) =>
      stage.start(env, ...options).ended;
    const direct = environment("direct");
    const wrongPassword = new URL(direct.DATABASE_URL!);
    wrongPassword.password = "wrong-secret";
    // It logs in to the Data API's database, and is no service.
    const stranger = new URL(stack.dbUrl);
    stranger.username = "supabase_auth_admin";
    const doubled = await Deno.makeTempFile({ suffix: ".ts" });
    const handler = '{ definition: { type: "mail.send" }, run() {} }';
    await Deno.writeTextFile(doubled, `export const handlers = [${handler}, ${handler}];`);
    const at = (DATABASE_URL: string) => ({ ...direct, DATABASE_URL });
    const cases: [Promise<{ code: number; err: string }>, number, RegExp][] = [
      [asked(at(stack.dbUrl)), 1, /logs in as postgres, which has the rights of JobForge's owner/],
      [asked(at(stack.adminDbUrl)), 1, /logs in as supabase_admin, which has the rights of/],
      [
        asked(at(stranger.href)),
        1,
        /logs in as supabase_auth_admin, which is no member of service_role/,
      ],
      [asked(at(wrongPassword.href)), 1, /did not accept the login of DATABASE_URL/],
      [asked(at("mysql://x:wrong-secret@y")), 2, /DATABASE_URL must be a URL that starts with/],
      [
        asked({ ...environment("data api"), SUPABASE_SECRET_KEY: "sb_secret_wrong-secret" }),
        1,
        /unauthenticated/,
      ],
      [asked(direct, "--poll", "5"), 2, /JOBFORGE_POLL_MS must be an integer from 100 to 60000/],
      [asked(direct, "--handlers", "deno.json"), 2, /deno\.json/],
      [asked(direct, "--port", new URL(stack.url).port), 2, /cannot listen on 127\.0\.0\.1:/],
      [asked(direct, "--handlers", "shared/client.ts"), 2, /must export an array of handlers/],
      [asked(direct, "--handlers", doubled), 2, /\.ts: two handlers are given for mail\.send/],
    ];
    for (const [ended, code, message] of cases) {
      const end = await ended;
      assert.match(end.err, message);
      assert.equal(end.code, code, end.err);
      assert.doesNotMatch(end.err, /wrong-secret/);
    }
    await Deno.remove(doubled);
  }));
