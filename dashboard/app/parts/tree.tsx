import { useState } from "preact/hooks";
import { ExactNumber, isBeyondNumber } from "../../../shared/core/encoding/exact_number.ts";
import { count, visible } from "../format.ts";

const TEXT_SHOWN = 2_000;
const MEMBERS_SHOWN = 100;
const OPEN_DEPTH = 2;

/** Any JSON value as a tree of text. Nothing in it becomes markup. */
export function Tree(
  { value, name, depth = 0 }: { value: unknown; name?: string; depth?: number },
) {
  const label = name === undefined ? null : <span class="member">{visible(name)}</span>;
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) {
    return (
      <div class="leaf">
        {label}
        {label && ": "}
        <Scalar value={value} />
      </div>
    );
  }
  const entries = Object.entries(value);
  const list = Array.isArray(value);
  const size = `${count(entries.length)} ${list ? "item" : "member"}${
    entries.length === 1 ? "" : "s"
  }`;
  if (entries.length === 0) {
    return <div class="leaf">{label}{label && ": "}{list ? "[]" : "{}"}</div>;
  }
  return (
    <details class="branch" open={depth < OPEN_DEPTH}>
      <summary>
        {label ?? (list ? "list" : "object")} <span class="quiet">{size}</span>
      </summary>
      <Members entries={entries} depth={depth + 1} />
    </details>
  );
}

function Members({ entries, depth }: { entries: [string, unknown][]; depth: number }) {
  const [shown, setShown] = useState(MEMBERS_SHOWN);
  return (
    <div class="members">
      {entries.slice(0, shown).map(([name, value]) => (
        <Tree key={name} name={name} value={value} depth={depth} />
      ))}
      {entries.length > shown && (
        <button
          type="button"
          onClick={() => setShown(shown + 10 * MEMBERS_SHOWN)}
        >
          Show {count(entries.length - shown)} more
        </button>
      )}
    </div>
  );
}

function Scalar({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") {
    const isLarge = isBeyondNumber(value);
    return <span class={`scalar ${isLarge ? "number" : typeof value}`}>{String(value)}</span>;
  }
  const cut = !whole && value.length > TEXT_SHOWN;
  return (
    <>
      <bdi class="scalar string" dir="ltr">
        "{visible(cut ? value.slice(0, TEXT_SHOWN) : value)}
        {cut ? "…" : '"'}
      </bdi>
      {cut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {count(value.length)} characters
        </button>
      )}
    </>
  );
}
