import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { ACME, go, type Stage } from "./stage.ts";

const PAGES = [
  "/",
  "/jobs",
  "/queues",
  "/bulk",
  "/schedules",
  "/webhooks",
  `/destinations?tenant=${ACME}&destination=shop`,
  "/audit",
];
const SCREENSHOTS = new URL("../screenshots/", import.meta.url);
/** Set it to replace the files. Otherwise they stay, and so does a clean work tree. */
const KEEP_PICTURES = Deno.env.has("JOBFORGE_KEEP_PICTURES");

/** Accessibility: contrast, names, keyboard, small screens. */
export const accessSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "axe finds nothing, light and dark, wide and narrow": async (stage) => {
    const job = await anyJob(stage);
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1180, 380]) {
        // Only this step disables the policy, because axe is a script of its own.
        const options = { colorScheme, viewport: { width, height: 820 }, bypassCSP: true };
        await stage.visit("/", async (page) => {
          for (const to of [...PAGES, `/jobs/${ACME}/${job}`]) {
            await go(page, to);
            await loaded(page);
            assert.deepEqual(await violations(page), [], `${to}, ${colorScheme}, ${width} px`);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(wide <= width, `${to} is ${wide} px wide on ${width}`);
          }
        }, options);
      }
    }
  },

  "a job is canceled by the keyboard alone, and the focus comes back": async (stage) => {
    const id = await stage.enqueue({ queue: "still" });
    await stage.visit(`/jobs/${ACME}/${id}`, async (page) => {
      await page.getByRole("button", { name: "Cancel", exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Cancel 1 job?" }).waitFor();
      await page.keyboard.press("Escape");
      const focused = await page.evaluate(() => document.activeElement?.textContent);
      assert.equal(focused, "Cancel");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Cancel 1 job?" }).waitFor();
      // The next press comes before the `close` event of the dialog.
      await page.evaluate(() => {
        document.querySelector("dialog")?.close();
        (document.activeElement as HTMLElement).click();
      });
      await page.getByRole("heading", { name: "Cancel 1 job?" }).waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByText("It was canceled").waitFor();
    });
  },

  "numbers change without moving the page": async (stage) => {
    await stage.visit("/", async (page) => {
      await page.locator(".plot canvas").first().waitFor();
      await loaded(page);
      await page.evaluate(() => {
        Object.assign(globalThis, { shifted: 0 });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            (globalThis as unknown as { shifted: number }).shifted +=
              (entry as unknown as { value: number }).value;
          }
        }).observe({ type: "layout-shift", buffered: false });
      });
      for (let n = 0; n < 20; n++) await stage.enqueue({});
      await page.waitForTimeout(7_000);
      const shifted = await page.evaluate("shifted") as number;
      assert.ok(shifted < 0.02, `layout shift of ${shifted}`);
    });
  },

  "pictures for the README": async (stage) => {
    const id = await stage.enqueue({
      queue: "still",
      payload: { order: 4711, lines: [{ sku: "A-1", count: 2 }] },
    });
    const pictures = { overview: "/", jobs: "/jobs", job: `/jobs/${ACME}/${id}` };
    for (const [name, to] of Object.entries(pictures)) {
      const colorScheme = name === "job" ? "dark" as const : "light" as const;
      await stage.visit(to, async (page) => {
        await loaded(page);
        const picture = await page.screenshot();
        assert.ok(picture.length > 10_000 && picture.length < 150_000);
        if (KEEP_PICTURES) await Deno.writeFile(new URL(`${name}.png`, SCREENSHOTS), picture);
      }, { colorScheme, viewport: { width: 900, height: 560 } });
    }
  },
};

async function anyJob(stage: Stage): Promise<string> {
  const [job] = await stage.sql`
    select id from public.jobforge_jobs
    where tenant_id = ${ACME} and status = 'failed' or last_error is not null limit 1
  `;
  return job?.id ?? await stage.enqueue({ queue: "still" });
}

async function loaded(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await page.locator(".loading").first().waitFor({ state: "detached" });
  await page.waitForTimeout(300);
}

async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe.source });
  return await page.evaluate(async () => {
    const runner = (globalThis as unknown as { axe: typeof import("axe-core") }).axe;
    const { violations } = await runner.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map((node) => node.html).join(" | ")}`
    );
  });
}
