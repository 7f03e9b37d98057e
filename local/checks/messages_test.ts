import assert from "node:assert/strict";
import { filesBelow, readText } from "./source.ts";

const texts = new Map<string, string>();
for (const file of await filesBelow("supabase/schemas")) {
  // The one function that makes a caught error short and printable.
  const text = await readText(file);
  texts.set(file, text.replaceAll("jobforge.short_error(sqlstate, sqlerrm)", "sqlstate"));
}

Deno.test("every message of the schema leaves through jobforge.fail", () => {
  assert.deepEqual([...texts].flatMap(([file, text]) => ownMessages(text, file)), []);
});

Deno.test("a warning has a SQLSTATE and no text of an error", () => {
  assert.deepEqual([...texts].flatMap(([file, text]) => warningsWithText(text, file)), []);
});

Deno.test("the text of an error leaves through jobforge.fail alone", () => {
  assert.deepEqual([...texts].flatMap(([file, text]) => repeatedErrors(text, file)), []);
});

Deno.test("a text with a backslash is read alike under every standard_conforming_strings", () => {
  assert.deepEqual([...texts].flatMap(([file, text]) => ambiguousTexts(text, file)), []);
});

Deno.test("a change of case names its collation: a Turkish I is no i", () => {
  assert.deepEqual([...texts].flatMap(([file, text]) => localCases(text, file)), []);
});

Deno.test("what breaks one of these rules is found", () => {
  assert.deepEqual(ownMessages("raise exception 'no %', p_name;", "f"), [
    "f: raise exception 'no %', p_name",
  ]);
  assert.deepEqual(ownMessages("raise exception using message = p_text;", "f").length, 1);
  assert.deepEqual(ownMessages("raise exception using errcode = 'JF000';", "f"), []);
  assert.deepEqual(warningsWithText("raise warning 'failed: %', sqlerrm;", "f").length, 1);
  assert.deepEqual(warningsWithText("raise warning 'failed with %', sqlstate;", "f"), []);
  assert.deepEqual(repeatedErrors("return format('x: %s', sqlerrm);", "f").length, 1);
  assert.deepEqual(repeatedErrors("perform jobforge.fail('a', format('%s', sqlerrm));", "f"), []);
  assert.deepEqual(ambiguousTexts(String.raw`select 'a\.b'`, "f").length, 1);
  assert.deepEqual(ambiguousTexts(String.raw`select E'a\\.b', $re$a\.b$re$ -- it's \s`, "f"), []);
  assert.deepEqual(localCases("lower(p_host) = upper(x) and a ~* 'i' or b ilike 'i'", "f"), [
    "f: lower(p_host)",
    "f: upper(x)",
    "f: ~*",
    "f: ilike",
  ]);
  assert.deepEqual(localCases(`lower(p_host collate "C")`, "f"), []);
});

/** Statements that raise an error, outside of jobforge.fail. */
function ownMessages(text: string, file: string): string[] {
  const others = text.replace(/create function jobforge\.fail\([\s\S]*?\n\$\$;/, "");
  return [...others.matchAll(/\braise exception[^;]*/g)]
    .filter(([raised]) => !/^raise exception using errcode = '\w+'$/.test(raised))
    .map(([raised]) => `${file}: ${raised}`);
}

function warningsWithText(text: string, file: string): string[] {
  return [...text.matchAll(/\braise (?!exception)\w+( +'[^;]*)/g)]
    .filter(([, rest]) =>
      !/^\s*'[ -~]*'(?:,\s*(?:sqlstate|v_rule\.rule|v_queue\.id|p_name|v_error|array_to_string\(v_errors, '; '\)))*$/
        .test(rest!)
    )
    .map(([raised]) => `${file}: ${raised}`);
}

function repeatedErrors(text: string, file: string): string[] {
  const others = text.replace(/jobforge\.fail\((?:[^;']|'[^']*')*\bsqlerrm\b[^;]*;/g, "");
  return [...others.matchAll(/.*\b(?:sqlerrm|message_text)\b.*/gi)]
    .map(([line]) => `${file}: ${line.trim()}`);
}

function ambiguousTexts(text: string, file: string): string[] {
  const unquoted = text
    .replace(/--.*$/gm, "")
    .replace(/(\$\w+\$)(?:(?!\1)[\s\S])*\1/g, "")
    .replace(/\bE'(?:[^'\\]|\\.|'')*'/g, "");
  return [...unquoted.matchAll(/.*\\.*/g)].map(([line]) => `${file}: ${line.trim()}`);
}

function localCases(text: string, file: string): string[] {
  const code = text.replace(/--.*$/gm, "");
  const calls = [...code.matchAll(/\b(?:lower|upper|initcap)\(/g)]
    .map(({ 0: call, index }) => call + argumentsAt(code, index + call.length))
    .filter((call) => !call.endsWith(' collate "C")'));
  const operators = [...code.matchAll(/~\*|\bilike\b/g)].map(([operator]) => operator);
  return [...calls, ...operators].map((found) => `${file}: ${found}`);
}

/** What follows an opening parenthesis, up to the one that closes it. */
function argumentsAt(code: string, start: number): string {
  let depth = 1;
  let end = start;
  while (depth > 0 && end < code.length) {
    if (code[end] === "(") depth++;
    if (code[end] === ")") depth--;
    end++;
  }
  return code.slice(start, end);
}
