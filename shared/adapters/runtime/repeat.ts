/**
 * Calls `act` at once, and again `everyMs` after each call has ended, until `end` settles. Returns
 * after the last call.
 */
export async function repeatUntil(
  end: Promise<unknown>,
  everyMs: number,
  act: () => Promise<void>,
): Promise<void> {
  do await act(); while (!await settlesWithin(end, everyMs));
}

function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const settled = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settled, settled);
  });
}
