import type { Mutant } from "../mutant.ts";

/** What messages hold, and what they never repeat. */
export const messages: Mutant[] = [
  {
    name: "an error repeats a value of the payload",
    file: "shared/core/job/issue_words.ts",
    find: "  return withArticle(typeof value);",
    replace: "  return String(value);",
    tests: ["shared/core/job/issue_words_test.ts"],
  },
  {
    name: "an error has characters that reorder text",
    file: "shared/core/encoding/printable.ts",
    find: "\\p{Cf}",
    replace: "",
    tests: ["shared/core/job/issue_words_test.ts"],
  },
  {
    name: "a body that is no JSON is quoted",
    file: "shared/adapters/http/body.ts",
    find: 'if (/end of JSON input|^Unterminated/.test(message)) return "it ends too early";',
    replace: "if (/end of JSON input|^Unterminated/.test(message)) return text;",
    tests: ["shared/adapters/http/body_test.ts"],
  },
];
