import { measuredText, type Row, targetText, verdict } from "../harness/rows.ts";

const LEFT = 500;
const WIDTH = 960;
const LINE = 22;
const TOP = 44;
const MOST = 3;

/** A picture of how far each target was reached: the line is the target, further right is better. */
export function plot(all: Row[]): string {
  const rows = all.filter((row) => row.target);
  const height = TOP + rows.length * LINE + 16;
  const target = x(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>Measured against target</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<g font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">
<text x="${target}" y="18" text-anchor="middle">target</text>
<text x="${WIDTH - 12}" y="18" text-anchor="end">better, up to ${MOST} × the target</text>
${rows.map(bar).join("\n")}
</g>
<line x1="${target}" y1="26" x2="${target}" y2="${
    height - 10
  }" stroke="#1f2933" stroke-width="1.5"/>
</svg>
`;
}

function bar(row: Row, index: number): string {
  const y = TOP + index * LINE;
  const reached = verdict(row) === "reached";
  const end = x(Math.min(attainment(row), MOST));
  const label = `${measuredText(row)} (${targetText(row)})`;
  return `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${escape(shorten(row.work))}</text>
<rect x="${LEFT}" y="${y - 7}" width="${(end - LEFT).toFixed(1)}" height="14" fill="${
    reached ? "#2f855a" : "#c05621"
  }"/>
<text x="${LEFT + 6}" y="${y + 4}" fill="#ffffff" font-size="11">${escape(label)}</text>`;
}

/** 1 is exactly the target. 2 is twice as good. */
function attainment({ measured, target }: Row): number {
  const ratio = target!.atLeast ? measured / target!.limit : target!.limit / measured;
  return ratio > 0 ? ratio : MOST;
}

function x(attained: number): number {
  return LEFT + (WIDTH - LEFT - 20) * attained / MOST;
}

function shorten(text: string): string {
  return text.length > 72 ? `${text.slice(0, 70)} …` : text;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
