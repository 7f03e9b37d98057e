/// <reference lib="dom" />
import type { Browser, Page } from "playwright-core";
import { connect, type Sql } from "../../local/postgres/database.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { type Dashboard, startDashboard } from "../server/serve.ts";
import { launch, pageErrors, person } from "./browser.ts";

/** Two tenants of the tests. */
export const ACME = "11111111-1111-4111-8111-111111111111";
export const GLOBEX = "22222222-2222-4222-8222-222222222222";

/** A stack with a worker, the dashboard on it, and a browser. */
export interface Stage {
  stack: Stack;
  dashboard: Dashboard;
  browser: Browser;
  /** A connection of the superuser. */
  sql: Sql;
  /** Paths of the requests to the dashboard's server. */
  requests: string[];
  /** Calls an RPC with the secret key. */
  // deno-lint-ignore no-explicit-any -- replies are looked into freely
  rpc(name: string, args: Record<string, unknown>): Promise<any>;
  /** Enqueues a job and returns its id. */
  enqueue(job: Record<string, unknown>, tenant?: string): Promise<string>;
  /** Waits until a job is in a status. */
  until(id: string, status: string): Promise<void>;
  /**
   * Uses a page of the dashboard. Any error on its console or against its policy fails the test.
   */
  visit(
    to: string,
    use: (page: Page) => Promise<void>,
    options?: Parameters<Browser["newContext"]>[0],
  ): Promise<void>;
}

/** Runs the tests' steps on one stage. */
export async function onStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const stack = await startStack({ functions: ["worker"] });
  const sql = connect(stack.adminDbUrl);
  const requests: string[] = [];
  const dashboard = await startDashboard({
    supabaseUrl: stack.url,
    secretKey: stack.secretKey,
    observe: (request) => void requests.push(new URL(request.url).pathname),
  });
  const browser = await launch();
  try {
    await use(stageOf({ stack, dashboard, browser, sql, requests }));
  } finally {
    await browser.close();
    await dashboard.stop();
    await sql.end();
    await stack.stop();
  }
}

type Parts = Pick<Stage, "stack" | "dashboard" | "browser" | "sql" | "requests">;

function stageOf(parts: Parts): Stage {
  const { stack, dashboard, browser, sql } = parts;
  const rpc: Stage["rpc"] = async (name, args) => {
    const response = await fetch(`${stack.url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: { apikey: stack.secretKey, "content-type": "application/json" },
      body: JSON.stringify(args),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${name}: ${text}`);
    return JSON.parse(text || "null");
  };
  return {
    ...parts,
    rpc,
    async enqueue(job, tenant = ACME) {
      const [{ job_id }] = await rpc("jobforge_enqueue_jobs", {
        p_tenant_id: tenant,
        p_jobs: [{ type: "system.probe", payload: {}, ...job }],
      });
      return job_id;
    },
    async until(id, status) {
      for (let tries = 0; tries < 300; tries++) {
        const [job] = await sql`select status from public.jobforge_jobs where id = ${id}`;
        if (job?.status === status) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`the job did not become ${status}`);
    },
    async visit(to, use, options) {
      const context = await person(browser, options);
      const page = await context.newPage();
      const errors = pageErrors(page);
      try {
        await page.goto(dashboard.url);
        await page.getByRole("heading", { name: "Overview" }).waitFor();
        if (to !== "/") await go(page, to);
        await use(page);
        if (errors.length > 0) throw new Error(`in the browser: ${errors.join("\n")}`);
      } catch (error) {
        console.error(await page.locator("body").innerText().catch(() => ""));
        throw error;
      } finally {
        await context.close();
      }
    },
  };
}

/** Opens another page of the operator's view. */
export async function go(page: Page, to: string): Promise<void> {
  await page.evaluate((to) => void (location.hash = to), to);
}
