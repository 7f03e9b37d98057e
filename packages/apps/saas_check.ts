/// <reference lib="dom" />
import assert from "node:assert/strict";
import { extname, join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import type { Browser, Page } from "playwright-core";
import { launch, pageErrors, person } from "../../dashboard/browser/browser.ts";
import { projectFiles } from "../../local/project.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { assertNoHandler, inApp, init, scriptsIn } from "./app.ts";
import { mustRun, npmInstall } from "./install.ts";

const PASSWORD = "a-password-of-a-user";
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

Deno.test("a SaaS of Vite and React, from init to the finished jobs of two tenants", (t) =>
  inApp("saas", async (project) => {
    const before = await project.tree();
    await init(project);
    for (const path of ["tsconfig.json", "supabase/jobs/handlers.ts"]) {
      assert.equal(await project.read(path), before[path]);
    }
    const stack = await startStack({ files: projectFiles(project.root) });
    try {
      await npmInstall(project.root, []);
      await mustRun(project.root, ["npm", "run", "build"], {
        VITE_SUPABASE_URL: stack.url,
        VITE_SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
      });
      assertNoHandler(await scriptsIn(join(project.root, "dist")));
      await inBrowser(join(project.root, "dist"), (visit) => useIt(t, stack, visit));
    } finally {
      await stack.stop();
    }
  }));

/** Opens the app as another person. Any error on the console fails the test. */
type Visit = (use: (page: Page) => Promise<void>) => Promise<void>;

async function useIt(t: Deno.TestContext, stack: Stack, visit: Visit): Promise<void> {
  await t.step(
    "a user signs up with a company, and sees progress and end of a job",
    () =>
      visit(async (page) => {
        await enter(page, "ada@acme.test", "Acme");
        await render(page, "Sales");
        await page.locator("progress:not([value='0'])").waitFor();
        await page.getByText("4 pages are ready").waitFor();
        await rows(page, ["report: succeeded"]);
        await render(page, "secret");
        await page.getByText("the report failed: bad_title").waitFor();
        await rows(page, ["report: failed", "report: succeeded"]);
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.getByLabel("Email").waitFor();
      }),
  );
  await t.step("another company sees its own jobs alone", () =>
    visit(async (page) => {
      await enter(page, "bob@globex.test", "Globex");
      await rows(page, []);
      await render(page, "Costs");
      await page.getByText("4 pages are ready").waitFor();
      await rows(page, ["report: succeeded"]);
    }));
  await t.step("a colleague whom the backend created sees the jobs of the company", async () => {
    const admin = createClient(stack.url, stack.secretKey, { auth: { persistSession: false } });
    const { data: { users } } = await admin.auth.admin.listUsers();
    const ada = users.find(({ email }) => email === "ada@acme.test")!;
    const { error } = await admin.auth.admin.createUser({
      ...{ email: "cyd@acme.test", password: PASSWORD, email_confirm: true },
      app_metadata: { tenant_id: ada.app_metadata.tenant_id },
    });
    assert.equal(error, null);
    await visit(async (page) => {
      await enter(page, "cyd@acme.test", "");
      await rows(page, ["report: failed", "report: succeeded"]);
    });
  });
}

async function enter(page: Page, email: string, company: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("New company").fill(company);
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByLabel("Title").waitFor();
}

async function render(page: Page, title: string): Promise<void> {
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Render" }).click();
}

/** Waits until the list of jobs has these texts. */
async function rows(page: Page, texts: string[]): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(
    (expected) =>
      [...document.querySelectorAll("li")].map((each) => each.textContent).join() === expected,
    texts.join(),
  );
}

/** Serves the built files on loopback, and starts a browser. */
async function inBrowser(folder: string, use: (visit: Visit) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname === "/" ? "/index.html" : pathname;
    const file = await Deno.open(join(folder, path)).catch(() => undefined);
    if (!file) return new Response(null, { status: 404 });
    return new Response(file.readable, { headers: { "content-type": TYPES[extname(path)]! } });
  });
  const browser = await launch();
  try {
    await use((visited) => visit(browser, `http://127.0.0.1:${server.addr.port}/`, visited));
  } finally {
    await browser.close();
    await server.shutdown();
  }
}

async function visit(
  browser: Browser,
  url: string,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await person(browser);
  const page = await context.newPage();
  const errors = pageErrors(page);
  await page.goto(url);
  await use(page);
  assert.deepEqual(errors, []);
  await context.close();
}
