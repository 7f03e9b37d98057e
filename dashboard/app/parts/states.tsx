import type { ComponentChildren } from "preact";
import { JobForgeError } from "../../../shared/core/errors.ts";
import type { LiveValue } from "../context.ts";

/** The words of an error, for a person. */
export function wordsOf(error: unknown): string {
  if (error instanceof JobForgeError) return `${error.message} (${error.code})`;
  return "Something went wrong in this page.";
}

/** A failure, and a way to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  return (
    <div class="failure" role="alert">
      <p>{wordsOf(error)}</p>
      {retry && <button type="button" onClick={() => retry()}>Try again</button>}
    </div>
  );
}

/** Nothing to show, and what that means. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Shows what was read; until then a place of the same height, and on failure why. */
export function Loaded<T>({ of, rows = 5, children }: {
  of: LiveValue<T>;
  rows?: number;
  children: (value: T) => ComponentChildren;
}) {
  if (of.value === undefined) {
    if (of.error) return <Failure error={of.error} retry={of.refresh} />;
    return (
      <div class="loading" role="status" aria-label="Loading">
        {Array.from({ length: rows }, (_, index) => <div key={index} class="bar" />)}
      </div>
    );
  }
  return (
    <>
      {Boolean(of.error) && <p class="stale" role="status">Not up to date: {wordsOf(of.error)}</p>}
      {children(of.value)}
    </>
  );
}
