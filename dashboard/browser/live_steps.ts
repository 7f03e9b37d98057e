import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { person } from "./browser.ts";
import type { Stage } from "./stage.ts";

const TABS = 50;
/** Time to open fifty pages on a small machine. */
const OPENING_MS = 120_000;
const LIVE_MS = 9_000;
const OVERVIEW = "/api/call/jobforge_overview";

/** Live values: read once for all tabs, and never for hidden ones. */
export const liveSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "fifty open tabs read as often as one": async (stage) => {
    const context = await person(stage.browser);
    try {
      const first = await context.newPage();
      await first.goto(stage.dashboard.url);
      await first.getByText("Oldest ready").waitFor();
      context.setDefaultTimeout(OPENING_MS);
      const others: Page[] = [];
      while (others.length < TABS - 1) {
        const tabs = await Promise.all(Array.from({ length: 7 }, () => context.newPage()));
        await Promise.all(tabs.map((tab) => tab.goto(stage.dashboard.origin)));
        others.push(...tabs);
      }
      for (const tab of others) await tab.getByText("Oldest ready").waitFor();
      const before = count(stage, OVERVIEW);
      await wait(LIVE_MS);
      const asked = count(stage, OVERVIEW) - before;
      // One tab reads every three seconds. Two may coincide when the reader changes.
      assert.ok(asked >= 1 && asked <= 6, `${asked} requests of ${TABS} tabs`);
    } finally {
      await context.close();
    }
  },

  "a hidden tab reads nothing and is up to date when it is shown again": async (stage) => {
    await stage.visit("/", async (page) => {
      await page.getByText("Oldest ready").waitFor();
      await hide(page, true);
      await wait(1_000);
      const before = stage.requests.length;
      await wait(7_000);
      assert.equal(stage.requests.length, before);
      await hide(page, false);
      await wait(2_000);
      assert.ok(stage.requests.length > before);
    });
  },

  "without a server the page reports it, keeps its values and reads less often": async (
    stage,
  ) => {
    await stage.visit("/", async (page) => {
      await page.getByText("Oldest ready").waitFor();
      let refused = 0;
      await page.route("**/api/call/jobforge_overview", (route) => (refused++, route.abort()));
      await page.getByText("Not up to date: the server is unreachable").waitFor();
      assert.ok(await page.getByText("Oldest ready").isVisible());
      await wait(9_000);
      assert.ok(refused <= 3, `${refused} requests`);
      await page.unroute("**/api/call/jobforge_overview");
    });
  },
};

function count(stage: Stage, path: string): number {
  return stage.requests.filter((request) => request === path).length;
}

async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
