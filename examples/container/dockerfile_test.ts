import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { connect } from "../../local/postgres/database.ts";
import { PROJECT_ROOT } from "../../local/project.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { eventually } from "../../local/test/test_project.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const text = await Deno.readTextFile(new URL("Dockerfile", import.meta.url));
/** The instructions of the Dockerfile, with their lines joined. */
const instructions = text.replaceAll(/\\\n\s*/g, "").split("\n").filter((line) =>
  /^[A-Z]/.test(line)
);

function allOf(name: string): string[] {
  return instructions.filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));
}

Deno.test("the image is of an exact version, the one that the project uses", async () => {
  const [image] = allOf("FROM");
  assert.match(image!, /^denoland\/deno:\d+\.\d+\.\d+$/);
  const readme = await Deno.readTextFile(join(PROJECT_ROOT, "README.md"));
  assert.equal(image, `denoland/deno:${/npx -y deno@([\d.]+) task/.exec(readme)![1]}`);
});

Deno.test("the container runs as a user without rights, and it is stopped by SIGTERM", () => {
  const last = instructions.findLastIndex((line) => line.startsWith("USER "));
  assert.equal(instructions[last], "USER deno");
  assert.ok(!instructions.slice(last).some((line) => /^(?:RUN|COPY|ADD) /.test(line)));
  assert.deepEqual(allOf("STOPSIGNAL"), ["SIGTERM"]);
});

Deno.test("no secret is in the image", () => {
  assert.doesNotMatch(text, /SECRET_KEY=|DATABASE_URL|SUPABASE_URL=|sb_secret|\.env/);
});

/** Copies what the Dockerfile copies. */
async function copyImage(folder: string): Promise<void> {
  for (const copied of allOf("COPY")) {
    const parts = copied.split(" ");
    const target = parts.pop()!;
    for (const source of parts) {
      const to = target.endsWith("/") ? join(folder, target, source) : join(folder, target);
      await copyAll(join(PROJECT_ROOT, source), to);
    }
  }
}

async function copyAll(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    await Deno.mkdir(dirname(to), { recursive: true });
    return await Deno.copyFile(from, to);
  }
  for await (const { name } of Deno.readDir(from)) await copyAll(join(from, name), join(to, name));
}

/** The environment of the image, with a free port on loopback. */
function environment(stack: Stack): Record<string, string> {
  const own = allOf("ENV").flatMap((line) => line.split(" ")).map((pair) => pair.split("="));
  return {
    ...Object.fromEntries(own),
    ...{ JOBFORGE_HOST: "127.0.0.1", JOBFORGE_PORT: "0" },
    ...{ SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey },
  };
}

Deno.test("the command runs on what is copied, and plans a route that no function plans", async () => {
  const folder = await Deno.makeTempDir({ prefix: "jobforge-image-" });
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  try {
    await copyImage(folder);
    const args: string[] = JSON.parse(allOf("CMD")[0]!);
    assert.ok(args.includes("--cached-only"), "a start needs no registry");
    const child = new Deno.Command(Deno.execPath(), {
      ...{ args, cwd: folder, env: environment(stack), stdout: "piped", stderr: "inherit" },
    }).spawn();
    const payload = {
      depot: { x: 0, y: 0 },
      stops: Array.from({ length: 400 }, (_, n) => ({ x: (n * 7_919) % 997, y: (n * 104) % 991 })),
    };
    const [job] = await sql`
      select job_id from jobforge_enqueue_job(${TENANT}, 'route.plan', ${sql.json(payload)})`;
    const result = await eventually("the route", async () => {
      const [row] = await sql`
        select result from jobforge_job_results where job_id = ${job!.job_id}`;
      return row?.result as { order: number[]; meters: number; first_meters: number } | undefined;
    });
    assert.equal(new Set(result.order).size, 400);
    assert.ok(result.meters < result.first_meters);
    child.kill("SIGTERM");
    const { code, stdout } = await child.output();
    assert.match(new TextDecoder().decode(stdout), /"event":"worker_stopped"/);
    assert.equal(code, 0);
  } finally {
    await sql.end();
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
