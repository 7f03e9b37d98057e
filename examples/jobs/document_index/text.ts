/** One sentence with its words in lower case. */
export interface Sentence {
  text: string;
  words: string[];
}

/** Paragraphs of a text: runs of lines between empty ones, each as one line. */
export function paragraphsOf(text: string): string[] {
  // A segmenter would end a sentence at every line break.
  return text.split(/\r?\n\s*\r?\n/)
    .map((part) => part.replace(/\s+/g, " ").trim())
    .filter((part) => part !== "");
}

/** Sentences of a paragraph and their words, by the rules of a language. */
export function sentencesOf(paragraph: string, language: string): Sentence[] {
  const sentences = new Intl.Segmenter(language, { granularity: "sentence" });
  const words = new Intl.Segmenter(language, { granularity: "word" });
  return Array.from(sentences.segment(paragraph), ({ segment }) => ({
    text: segment.trim(),
    words: Array.from(words.segment(segment))
      .filter((word) => word.isWordLike)
      .map((word) => word.segment.toLowerCase()),
  })).filter((sentence) => sentence.words.length > 0);
}

/** How often each word occurs. */
export function countWords(sentences: readonly Sentence[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { words } of sentences) {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** The most frequent words that carry meaning, equal counts in alphabetical order. */
export function topTerms(
  counts: ReadonlyMap<string, number>,
  limit: number,
): { term: string; count: number }[] {
  return [...counts]
    .filter(([word]) => isTerm(word))
    .sort(([left, leftCount], [right, rightCount]) =>
      rightCount - leftCount || (left < right ? -1 : 1)
    )
    .slice(0, limit)
    .map(([term, count]) => ({ term, count }));
}

const LONGEST_SCORED = 40;
const SHORTEST_SCORED = 4;

/**
 * Picks the sentences that say most about the document: those whose terms are frequent in the
 * whole of it, relative to their length. Returned in the document's order.
 */
export function keySentences(
  sentences: readonly Sentence[],
  counts: ReadonlyMap<string, number>,
  limit: number,
): string[] {
  const scored = sentences.map((sentence, index) => ({
    index,
    text: sentence.text,
    score: scoreOf(sentence, counts),
  }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.index - right.index)
    .slice(0, limit)
    .sort((left, right) => left.index - right.index)
    .map(({ text }) => text);
}

function scoreOf(sentence: Sentence, counts: ReadonlyMap<string, number>): number {
  const { length } = sentence.words;
  if (length < SHORTEST_SCORED || length > LONGEST_SCORED) return 0;
  const terms = new Set(sentence.words.filter(isTerm));
  let score = 0;
  for (const term of terms) score += counts.get(term) ?? 0;
  return score / Math.sqrt(length);
}

function isTerm(word: string): boolean {
  return word.length > 2 && !STOP_WORDS.has(word) && !/^\d+$/.test(word);
}

const STOP_WORDS = new Set(
  ("about above after again against all also and any are because been before being below between " +
    "both but can could did does doing down during each even ever every few for from further had " +
    "has have having here hers him his how into its itself just like many may might more most much " +
    "must nor not now off once one only other our out over own same shall she should since some " +
    "such than that the their them then there these they this those through too two under until " +
    "upon very was were what when where which while who whom why will with without would yet you " +
    "your").split(" "),
);
