import { join } from "node:path";
import { assertNoHandler, inApp, init, scriptsIn } from "./app.ts";
import { mustRun, npmInstall } from "./install.ts";

Deno.test("a Next.js app builds with what init wrote", () =>
  inApp("next", async (project) => {
    await init(project);
    await npmInstall(project.root, []);
    await mustRun(project.root, ["npx", "next", "build"]);
    assertNoHandler(await scriptsIn(join(project.root, ".next/static")));
  }));
