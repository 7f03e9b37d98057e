import assert from "node:assert/strict";
import { join } from "node:path";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";
import { mustRun, npmInstall } from "./install.ts";
import { assertNoHandler, init, page, scriptsIn, SUPABASE } from "./page.ts";

// The compiler options of Vite's template for TypeScript.
const VITE_TSCONFIG = JSON.stringify({
  compilerOptions: {
    ...{ target: "es2023", module: "esnext", lib: ["ES2023", "DOM"], types: ["vite/client"] },
    ...{ skipLibCheck: true, moduleResolution: "bundler", allowImportingTsExtensions: true },
    ...{ verbatimModuleSyntax: true, moduleDetection: "force", noEmit: true, strict: true },
    ...{ noUnusedLocals: true, noUnusedParameters: true, erasableSyntaxOnly: true },
    ...{ noFallthroughCasesInSwitch: true, noUncheckedSideEffectImports: true },
  },
  include: ["src"],
});

Deno.test("a Vite app type-checks and builds with what init wrote", () =>
  inProject({
    "supabase/config.toml": CONFIG,
    "package.json": '{"private": true, "type": "module"}',
    "index.html": '<div id="app"></div><script type="module" src="/src/main.ts"></script>',
    "src/jobs.ts": page("..", ".ts"),
    "src/main.ts": 'import { greet } from "./jobs.ts";\nvoid greet("Ada").then(console.log);\n',
    "tsconfig.json": VITE_TSCONFIG,
  }, async (project) => {
    await init(project);
    assert.equal(await project.read("tsconfig.json"), VITE_TSCONFIG);
    await npmInstall(project.root, [...SUPABASE, "vite@8.3.8", "typescript@5.9.3"]);
    await mustRun(project.root, ["npx", "tsc"]);
    await mustRun(project.root, ["npx", "vite", "build"]);
    assertNoHandler(await scriptsIn(join(project.root, "dist")));
  }));
