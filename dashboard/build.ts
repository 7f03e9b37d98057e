/** Bundles of the dashboard's scripts, built on demand. */
import { join } from "node:path";

const FOLDER = import.meta.dirname!;
const encoder = new TextEncoder();

/** The files of a view: its script and its styles. */
export interface View {
  script: Uint8Array<ArrayBuffer>;
  styles: Uint8Array<ArrayBuffer>;
}

/**
 * Creates the bundle of `operator` (the page of the dashboard's server) or `tenant` (for an
 * application).
 */
export async function buildView(name: "operator" | "tenant"): Promise<View> {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "view.js");
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--no-lock", "--platform=browser", "--minify"],
        ...[`--config=${join(FOLDER, "..", "deno.json")}`, `--output=${output}`],
        join(FOLDER, "app", `${name}.tsx`),
      ],
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`bundling failed: ${new TextDecoder().decode(stderr)}`);
    const styles = await Deno.readFile(join(FOLDER, "app", "styles.css"));
    return { script: await Deno.readFile(output), styles };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the page that loads a view's script and styles by relative paths. */
export function pageOf(title: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="styles.css">
<script type="module" src="view.js"></script>
</head>
<body>
<div id="view"></div>
</body>
</html>
`);
}

/** The icon of the browser's tab. */
export const ICON: Uint8Array<ArrayBuffer> = encoder.encode(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4"' +
    ' fill="#1f5fbf"/><path d="M4 5h8M4 8h5M4 11h7" stroke="#fff" stroke-width="1.6"/></svg>',
);

if (import.meta.main) {
  const [target = "dist"] = Deno.args;
  const { script, styles } = await buildView("tenant");
  await Deno.mkdir(target, { recursive: true });
  await Deno.writeFile(join(target, "jobforge-dashboard.js"), script);
  await Deno.writeFile(join(target, "jobforge-dashboard.css"), styles);
  console.log(`${target}/jobforge-dashboard.js and .css`);
}
