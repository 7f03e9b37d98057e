import type { ComponentChildren } from "preact";
import { JobForgeError } from "../../../shared/core/errors.ts";
import type { LiveValue } from "../context.ts";

/** Returns an error as text for the user. */
export function wordsOf(error: unknown): string {
  if (error instanceof JobForgeError) return `${error.message} (${error.code})`;
  return "This page failed. Reload it.";
}

/** An error with a button to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  return (
    <div class="failure" role="alert">
      <p>{wordsOf(error)}</p>
      {retry && <button type="button" onClick={() => retry()}>Try again</button>}
    </div>
  );
}

/** A note in place of missing content. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/**
 * A live value. Until the first read a placeholder of the same height, after a failure the error.
 */
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
