import { join } from "node:path";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";
import { mustRun, npmInstall } from "./install.ts";
import { assertNoHandler, init, page, scriptsIn, SUPABASE } from "./page.ts";

// What create-next-app writes, as far as it concerns files outside of `app`.
const NEXT_TSCONFIG = `{
  "compilerOptions": {
    "target": "ES2017",
    "lib": ["dom", "dom.iterable", "esnext"],
    "allowJs": true,
    "skipLibCheck": true,
    "strict": true,
    "noEmit": true,
    "esModuleInterop": true,
    "module": "esnext",
    "moduleResolution": "bundler",
    "resolveJsonModule": true,
    "isolatedModules": true,
    "jsx": "react-jsx",
    "incremental": true,
    "plugins": [{ "name": "next" }],
    "paths": { "@/*": ["./*"] }
  },
  "include": ["next-env.d.ts", "**/*.ts", "**/*.tsx", ".next/types/**/*.ts"],
  "exclude": ["node_modules"]
}
`;

Deno.test("a Next.js app builds with what init wrote", () =>
  inProject({
    "supabase/config.toml": CONFIG,
    "package.json": '{"private": true}',
    "lib/jobs.ts": page("..", ""),
    "app/layout.tsx":
      "export default function Layout({ children }: { children: React.ReactNode }) {\n" +
      '  return <html lang="en"><body>{children}</body></html>;\n}\n',
    "app/page.tsx": '"use client";\nimport { greet } from "@/lib/jobs";\n' +
      'export default function Page() {\n  return <button onClick={() => greet("Ada")}>Greet</button>;\n}\n',
    "tsconfig.json": NEXT_TSCONFIG,
  }, async (project) => {
    await init(project);
    await npmInstall(project.root, [
      ...[...SUPABASE, "next@16.4.6", "react@19.3.1", "react-dom@19.3.1", "typescript@5.9.3"],
      ...["@types/react@19.3.3", "@types/node@22.20.5"],
    ]);
    await mustRun(project.root, ["npx", "next", "build"]);
    assertNoHandler(await scriptsIn(join(project.root, ".next/static")));
  }));
