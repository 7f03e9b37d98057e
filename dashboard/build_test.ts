import assert from "node:assert/strict";
import { buildView, pageOf } from "./build.ts";

const MAX_BYTES = 150_000;

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

for (const name of ["operator", "tenant"] as const) {
  Deno.test(`the ${name}'s view is small, and needs no policy with unsafe in it`, async () => {
    const { script, styles } = await buildView(name);
    const size = await gzipped(script) + await gzipped(styles);
    assert.ok(size > 10_000 && size < MAX_BYTES, `${size} bytes`);
    assert.doesNotMatch(new TextDecoder().decode(script), /\beval\(|new Function\(/);
  });
}

Deno.test("the page has neither script nor style of its own", () => {
  const page = new TextDecoder().decode(pageOf("JobForge"));
  assert.doesNotMatch(page, /<script(?! type="module" src=)|<style|\sstyle=|\son\w+=/);
});
