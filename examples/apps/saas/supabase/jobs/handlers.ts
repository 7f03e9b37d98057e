import { handle, PermanentError } from "../functions/_jobforge/index.js";
import { renderReport } from "./definitions.ts";

const PAGES = 4;

const handleRenderReport = handle(renderReport, async ({ title }, ctx) => {
  if (title === "secret") throw new PermanentError("not a report", { code: "bad_title" });
  for (let page = 1; page <= PAGES; page++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    ctx.progress(100 * page / PAGES);
  }
  return { pages: PAGES };
});

export const handlers = [handleRenderReport];
