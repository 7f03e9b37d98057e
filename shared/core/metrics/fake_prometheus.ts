import assert from "node:assert/strict";

/** A metric family as a scraper reads it. */
export interface Scraped {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|\})/;
const SUFFIXES: Record<string, string[]> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
};

/**
 * Reads Prometheus' text format strictly by its specification. Each family comes once, with HELP
 * and TYPE before its samples. No sample comes twice. Histograms have cumulative buckets up to
 * +Inf.
 */
export function scrape(text: string): Map<string, Scraped> {
  assert.match(text, /\n$/, "the last line ends too");
  const families = new Map<string, Scraped>();
  const seen = new Set<string>();
  let current: [string, Scraped] | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const meta = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (meta?.[1] === "HELP") {
      assert.ok(!families.has(meta[2]!), `${meta[2]} comes once`);
      current = [meta[2]!, { help: meta[3]!, type: "", samples: [] }];
      families.set(...current);
    } else if (meta) {
      assert.equal(meta[2], current?.[0]);
      assert.equal(current![1].samples.length, 0);
      assert.ok(meta[3]! in SUFFIXES);
      current![1].type = meta[3]!;
    } else {
      const sample = readSample(line);
      assert.ok(current, "a sample belongs to a family");
      const suffix = sample.name.slice(current[0].length);
      assert.ok(sample.name.startsWith(current[0]), line);
      assert.ok(SUFFIXES[current[1].type]!.includes(suffix), line);
      const identity = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      assert.ok(!seen.has(identity), `twice: ${line}`);
      seen.add(identity);
      current[1].samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") check(name, family);
  return families;
}

function readSample(line: string): Scraped["samples"][number] {
  const name = NAME.exec(line)?.[0];
  assert.ok(name, `no name: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    for (let end = ","; end === ",";) {
      const match = LABEL.exec(rest);
      assert.ok(match, `labels of ${line}`);
      assert.ok(!(match[1]! in labels));
      labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_, c) => c === "n" ? "\n" : c);
      rest = rest.slice(match[0].length);
      end = match[3]!;
    }
  }
  assert.match(rest, /^ (?:[+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/, line);
  return { name, labels, value: Number(rest.trim().replace("Inf", "Infinity")) };
}

function check(name: string, { samples }: Scraped): void {
  const series = Map.groupBy(samples, ({ labels }) => {
    const { le: _, ...others } = labels;
    return JSON.stringify(others);
  });
  for (const [labels, lines] of series) {
    const buckets = lines.filter((line) => line.name === `${name}_bucket`)
      .map((line) => ({ le: Number(line.labels.le!.replace("Inf", "Infinity")), n: line.value }));
    buckets.forEach((bucket, i) => {
      assert.ok(i === 0 || bucket.le > buckets[i - 1]!.le, `${name} ${labels}: le rises`);
      assert.ok(i === 0 || bucket.n >= buckets[i - 1]!.n, `${name} ${labels}: cumulative`);
    });
    const count = lines.filter((line) => line.name === `${name}_count`);
    assert.equal(count.length, 1);
    assert.equal(lines.filter((line) => line.name === `${name}_sum`).length, 1);
    assert.deepEqual(buckets.at(-1), { le: Infinity, n: count[0]!.value }, `${name} ${labels}`);
  }
}
