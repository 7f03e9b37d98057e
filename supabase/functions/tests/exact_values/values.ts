/** Values that every door keeps, as JSON. Postgres compares them by value. */
export const KEPT: Record<string, string> = {
  id_beyond_2_53: "1970670598291982290",
  first_integer_beyond: "9007199254740993",
  negative: "-9223372036854775808",
  held_by_a_number: "9007199254740994",
  thirty_digits: "123456789012345678901234567890",
  many_decimals: "0.12345678901234567890",
  money: "12345678901234567.89",
  fraction_of_a_number: "0.1",
  exponent: "1.5e3",
  beyond_doubles: "1e400",
  below_doubles: "1e-400",
  largest_double: "1.7976931348623157e308",
  zeros: "1.10",
  negative_zero: "-0",
  empty: '[{},[],"",null,true,false]',
  text_of_a_number: '"1970670598291982290"',
  text_with_escapes: '"\\" \\\\u0000 \\ud83d\\ude00 \\u00e9 \\n"',
  names: '{"":1,"constructor":2,"toString":3,"length":4,"0":5}',
  deep: `${"[".repeat(24)}1970670598291982290${"]".repeat(24)}`,
  among_others: '[1,{"id":1970670598291982290,"n":1},"1970670598291982290",2]',
};

/** All of them as one payload. */
export const PAYLOAD = `{${
  Object.entries(KEPT).map(([name, json]) => `"${name}":${json}`).join(",")
}}`;

/** A value that no door may change: what refuses it, by door. */
export interface Refused {
  json: string;
  http: string;
  client: string;
  sql: string;
  cli: RegExp;
}

/** Values that jsonb cannot hold, or that a handler would lose. */
export const REFUSED: Record<string, Refused> = {
  "a NUL": {
    json: '"a\\u0000"',
    ...{ http: "invalid_payload", client: "invalid_argument", sql: "22P05", cli: /not_text/ },
  },
  "half of a surrogate pair": {
    json: '"\\ud800"',
    ...{ http: "invalid_payload", client: "invalid_argument", sql: "22P02", cli: /not_text/ },
  },
  "a number beyond numeric": {
    json: "1e200000",
    ...{ http: "invalid_payload", client: "invalid_payload", sql: "22003" },
    cli: /number_out_of_range/,
  },
  "forty levels": {
    json: `${"[".repeat(40)}${"]".repeat(40)}`,
    ...{ http: "invalid_payload", client: "invalid_argument", sql: "PT413" },
    cli: /too_deep/,
  },
  "a member called __proto__": {
    json: '{"__proto__":{"admin":true}}',
    ...{ http: "invalid_payload", client: "invalid_payload", sql: "failed: invalid_payload" },
    cli: /reserved_name/,
  },
};

/** JSON that has a name twice. Which one counts would depend on the reader. */
export const TWICE = '{"a":1,"\\u0061":2}';
