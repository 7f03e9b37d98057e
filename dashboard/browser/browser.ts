import assert from "node:assert/strict";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Debian's Chromium, or the one of JOBFORGE_CHROMIUM. */
const EXECUTABLE = Deno.env.get("JOBFORGE_CHROMIUM") ?? "/usr/bin/chromium";

/** Starts Chromium with a temporary profile. */
export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Returns the errors of a page: exceptions, errors on its console, violations of its policy. */
export function pageErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => void errors.push(String(error)));
  page.on("console", (message) => {
    // The page itself shows a rejected request.
    if (message.type() !== "error" || /^Failed to load resource/.test(message.text())) return;
    errors.push(message.text());
  });
  return errors;
}

/** Waits until a longer list is gone, and then for exactly `count` rows. */
export async function shrinksTo(page: Page, count: number): Promise<void> {
  const rows = page.locator("tbody tr");
  await rows.nth(count).waitFor({ state: "detached" });
  await rows.nth(count - 1).waitFor();
  assert.equal(await rows.count(), count);
}

/** Creates a browser context with its own storage, as another person's browser. */
export async function person(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1180, height: 820 },
    colorScheme: "light",
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  return context;
}
