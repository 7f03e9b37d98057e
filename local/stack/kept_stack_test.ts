import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StackError, type StackErrorCode } from "../errors.ts";
import { connect } from "../postgres/database.ts";
import { freePort } from "../system.ts";
import { eventually, NO_FILES } from "../test/test_project.ts";
import { startStack } from "./stack.ts";
import { clusterDirectory } from "./stack_database.ts";

const KEPT = { port: 0, databasePort: 0, files: NO_FILES };

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "jobforge-kept-" });
  try {
    await use(directory);
  } finally {
    const cluster = await clusterDirectory(directory);
    await Deno.remove(cluster, { recursive: true }).catch(() => {});
    await Deno.remove(directory, { recursive: true });
  }
}

function refusal(code: StackErrorCode, message: RegExp, hint: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StackError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.match(error.hint, hint);
    return true;
  };
}

async function remember(dbUrl: string): Promise<void> {
  const sql = connect(dbUrl);
  await sql`create table public.memory as select 'kept' as word`;
  await sql.end();
}

async function recall(dbUrl: string): Promise<string> {
  const sql = connect(dbUrl);
  const [row] = await sql`select word from public.memory`;
  await sql.end();
  return row?.word;
}

/** Command lines of the processes that name this folder. */
async function processesOf(directory: string): Promise<{ pid: number; command: string }[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => ({ pid: parseInt(line), command: line }));
}

async function untilNoProcess(directory: string): Promise<void> {
  await eventually("the end of all processes", async () => {
    return (await processesOf(directory)).length === 0 || undefined;
  });
}

interface StackProcess {
  pid: number;
  dbUrl: string;
  ended: Promise<Deno.CommandStatus>;
  close(): Promise<void>;
}

async function spawnStack(directory: string): Promise<StackProcess> {
  const script = fileURLToPath(new URL("../test/test_stack_process.ts", import.meta.url));
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-lock", "--allow-net=127.0.0.1", "--allow-read", "--allow-write"],
      ...["--allow-env", "--allow-run", "--allow-sys=uid", script, directory],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const { dbUrl } = JSON.parse(value ?? "");
  return { pid: process.pid, dbUrl, ended: process.status, close: () => reader.cancel() };
}

Deno.test("data and keys are kept between runs", () =>
  withDirectory(async (directory) => {
    const first = await startStack({ ...KEPT, directory });
    await remember(first.dbUrl);
    await first.stop();
    const second = await startStack({ ...KEPT, directory });
    try {
      assert.equal(await recall(second.dbUrl), "kept");
      assert.equal(second.secretKey, first.secretKey);
      assert.equal(second.jwtSecret, first.jwtSecret);
    } finally {
      await second.stop();
    }
  }));

Deno.test("keys are readable by their owner only and look like the platform's", () =>
  withDirectory(async (directory) => {
    const stack = await startStack({ ...KEPT, directory });
    await stack.stop();
    const { mode } = await Deno.stat(join(directory, "keys.json"));
    assert.equal(mode! & 0o777, 0o600);
    assert.match(stack.publishableKey, /^sb_publishable_[\w-]{20,}$/);
    assert.match(stack.secretKey, /^sb_secret_[\w-]{20,}$/);
  }));

Deno.test("stopping leaves no process", () =>
  withDirectory(async (directory) => {
    const stack = await startStack({ ...KEPT, directory });
    assert.notEqual((await processesOf(directory)).length, 0);
    await stack.stop();
    assert.deepEqual(await processesOf(directory), []);
  }));

Deno.test("a terminated stack stops its processes", () =>
  withDirectory(async (directory) => {
    const stack = await spawnStack(directory);
    Deno.kill(stack.pid, "SIGTERM");
    await stack.ended;
    await stack.close();
    assert.deepEqual(await processesOf(directory), []);
  }));

Deno.test("a killed stack takes Postgres with it and starts again with its data", () =>
  withDirectory(async (directory) => {
    const killed = await spawnStack(directory);
    await remember(killed.dbUrl);
    Deno.kill(killed.pid, "SIGKILL");
    await killed.ended;
    await killed.close();
    await untilNoProcess(directory);
    const stack = await startStack({ ...KEPT, directory });
    try {
      assert.equal(await recall(stack.dbUrl), "kept");
    } finally {
      await stack.stop();
    }
  }));

Deno.test("a Postgres that was left behind is stopped before the next start", () =>
  withDirectory(async (directory) => {
    const killed = await spawnStack(directory);
    await remember(killed.dbUrl);
    const [guard] = (await processesOf(directory)).filter(({ command }) =>
      /\bguard\b/.test(command)
    );
    Deno.kill(guard!.pid, "SIGKILL");
    Deno.kill(killed.pid, "SIGKILL");
    await killed.ended;
    await killed.close();
    assert.notEqual((await processesOf(directory)).length, 0, "Postgres is left behind");
    const stack = await startStack({ ...KEPT, directory });
    try {
      assert.equal(await recall(stack.dbUrl), "kept");
    } finally {
      await stack.stop();
    }
    assert.deepEqual(await processesOf(directory), []);
  }));

Deno.test("a second stack on the same data is refused", () =>
  withDirectory(async (directory) => {
    const stack = await startStack({ ...KEPT, directory });
    try {
      await assert.rejects(
        startStack({ ...KEPT, directory }),
        refusal("ALREADY_RUNNING", /already runs on the data/, /Ctrl-C/),
      );
    } finally {
      await stack.stop();
    }
  }));

Deno.test("a taken port is named, with the way to choose another", () =>
  withDirectory(async (directory) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    try {
      await assert.rejects(
        startStack({ ...KEPT, directory, port }),
        refusal("PORT_TAKEN", new RegExp(`Port ${port} `), /JOBFORGE_PORT=<port>/),
      );
      await assert.rejects(
        startStack({ ...KEPT, directory, databasePort: port }),
        refusal("PORT_TAKEN", new RegExp(`Port ${port} `), /JOBFORGE_DB_PORT=<port>/),
      );
    } finally {
      listener.close();
    }
  }));

Deno.test("a folder that cannot be written is named", () =>
  withDirectory(async (directory) => {
    const file = join(directory, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(
      startStack({ ...KEPT, directory: join(file, "data") }),
      refusal("DIRECTORY_UNWRITABLE", /Cannot write to .*file\/data/, /right to write/),
    );
  }));

Deno.test("data of another Postgres version is left alone", () =>
  withDirectory(async (directory) => {
    const port = freePort();
    await (await startStack({ ...KEPT, directory, port })).stop();
    const file = join(await clusterDirectory(directory), "data", "PG_VERSION");
    const version = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, "9\n");
    await assert.rejects(
      startStack({ ...KEPT, directory }),
      refusal("DATA_VERSION_MISMATCH", /made by Postgres 9/, /deno task reset/),
    );
    await Deno.writeTextFile(file, version);
    await (await startStack({ ...KEPT, directory })).stop();
  }));
