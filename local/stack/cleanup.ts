/** Steps that undo a start, run last first. A step that fails does not stop the others. */
export class Cleanup {
  #steps: (() => Promise<unknown>)[] = [];
  #done: Promise<void> | undefined;

  /** Adds a step to run before all steps added so far. */
  add(step: () => Promise<unknown>): void {
    this.#steps.unshift(step);
  }

  /** Runs the steps once. Later calls wait for the first. Rejects with the first failure. */
  run(): Promise<void> {
    return this.#done ??= this.#runAll();
  }

  async #runAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps) await step().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
