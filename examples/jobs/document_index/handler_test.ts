import assert from "node:assert/strict";
import { fakeContext } from "../../../shared/jobs/fake_context.ts";
import { sample } from "../../data/sample.ts";
import { documentIndex } from "./definition.ts";
import { indexDocument } from "./handler.ts";

async function index(payload: unknown, context = fakeContext()) {
  const parsed = documentIndex.payload!.parse(payload);
  return documentIndex.result!.parse(await indexDocument.run(parsed, context));
}

Deno.test("a document is counted, its terms ranked, its key sentences quoted", async () => {
  const text = await sample("orchard_report.txt");
  const result = await index({ title: "Orchard", text, terms: 5, summary_sentences: 2 });
  assert.equal(result.title, "Orchard");
  assert.equal(result.paragraphs, 4);
  assert.equal(result.sentences, 10);
  assert.equal(result.terms[0]?.term, "terraces");
  assert.equal(result.terms[0]?.count, 6);
  assert.equal(result.summary.length, 2);
  const flat = text.replace(/\s+/g, " ");
  for (const sentence of result.summary) assert.ok(flat.includes(sentence), sentence);
});

Deno.test("words are separated by the rules of the language", async () => {
  const result = await index({ text: "今日は天気がいいです。明日は雨です。", language: "ja" });
  assert.equal(result.sentences, 2);
  assert.ok(result.words > 5);
});

Deno.test("a document without words gives an empty index", async () => {
  const result = await index({ text: "— … !" });
  assert.deepEqual([result.words, result.terms, result.summary], [0, [], []]);
});

Deno.test("progress goes by paragraphs", async () => {
  const context = fakeContext();
  await index({ text: "One here.\n\nTwo here." }, context);
  assert.deepEqual(context.reported, [{ paragraphs: 1, of: 2 }, { paragraphs: 2, of: 2 }]);
});

Deno.test("a document that is stopped throws the reason", async () => {
  const context = fakeContext({ signal: AbortSignal.abort(new Error("stop")) });
  await assert.rejects(index({ text: "Some words." }, context), { message: "stop" });
});
