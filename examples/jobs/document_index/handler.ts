import { handle } from "../../../shared/core/job/handler.ts";
import { documentIndex } from "./definition.ts";
import { countWords, keySentences, paragraphsOf, type Sentence, sentencesOf } from "./text.ts";
import { topTerms } from "./text.ts";

const WORDS_PER_SECOND = 238 / 60;

/** Reads a document paragraph by paragraph, so that a long one can be stopped half-way. */
export const indexDocument = handle(documentIndex, async (payload, ctx) => {
  const paragraphs = paragraphsOf(payload.text);
  const sentences: Sentence[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    ctx.signal.throwIfAborted();
    sentences.push(...sentencesOf(paragraph, payload.language));
    ctx.progress({ paragraphs: index + 1, of: paragraphs.length });
    if (index % 20 === 19) await nextTurn();
  }
  const counts = countWords(sentences);
  const words = sentences.reduce((sum, sentence) => sum + sentence.words.length, 0);
  return {
    title: payload.title ?? null,
    characters: Array.from(payload.text).length,
    words,
    distinct_words: counts.size,
    sentences: sentences.length,
    paragraphs: paragraphs.length,
    reading_seconds: Math.ceil(words / WORDS_PER_SECOND),
    terms: topTerms(counts, payload.terms),
    summary: keySentences(sentences, counts, payload.summary_sentences),
  };
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
