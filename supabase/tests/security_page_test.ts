import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

Deno.test("every test and source SECURITY.md names is there", async () => {
  const text = await Deno.readTextFile(new URL("SECURITY.md", ROOT));
  const paths = [...text.matchAll(/`((?:supabase|shared|local)\/[\w./-]+)`/g)].map(([, path]) =>
    path!
  );
  assert.ok(paths.length > 20);
  for (const path of paths) {
    const info = await Deno.stat(new URL(path, ROOT)).catch(() => undefined);
    assert.ok(info && info.isDirectory === path.endsWith("/"), `SECURITY.md names ${path}`);
  }
});

Deno.test("its links lead to sections that exist", async () => {
  const text = await Deno.readTextFile(new URL("SECURITY.md", ROOT));
  for (const [, page, anchor] of text.matchAll(/\]\((\w+\.md)#([\w-]+)\)/g)) {
    const target = await Deno.readTextFile(new URL(page!, ROOT));
    const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!.toLowerCase().replaceAll(" ", "-")
    );
    assert.ok(anchors.includes(anchor!), `${page}#${anchor}`);
  }
});
