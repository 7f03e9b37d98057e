import * as z from "zod";
import { defineJob } from "../../../shared/core/job/job_type.ts";

/** Statistics, frequent terms and an extractive summary of a text document. */
export const documentIndex = defineJob({
  type: "document.index",
  payload: z.strictObject({
    title: z.string().max(300).optional(),
    text: z.string().min(1).max(200_000),
    /** A BCP 47 tag, which decides how words and sentences are separated. */
    language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/).default("en"),
    terms: z.int().min(1).max(50).default(10),
    summary_sentences: z.int().min(0).max(20).default(3),
  }),
  result: z.object({
    title: z.string().nullable(),
    characters: z.int(),
    words: z.int(),
    distinct_words: z.int(),
    sentences: z.int(),
    paragraphs: z.int(),
    reading_seconds: z.int(),
    terms: z.array(z.object({ term: z.string(), count: z.int() })),
    /** Whole sentences of the document, in its order. */
    summary: z.array(z.string()),
  }),
  timeoutMs: 30_000,
  maxAttempts: 3,
});
