import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Chromium as Debian packages it; another one by JOBFORGE_CHROMIUM. */
const EXECUTABLE = Deno.env.get("JOBFORGE_CHROMIUM") ?? "/usr/bin/chromium";

/** Starts Chromium with a profile of its own that is thrown away. */
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

/** What went wrong in a page: exceptions, errors on its console, violations of its policy. */
export function pageErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => void errors.push(String(error)));
  page.on("console", (message) => {
    // That a request was refused is shown in the page.
    if (message.type() !== "error" || /^Failed to load resource/.test(message.text())) return;
    errors.push(message.text());
  });
  return errors;
}

/** A context of its own storage: another person's browser. */
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
