/** Stable codes of everything the local stack can refuse to do. */
export type StackErrorCode =
  | "PLATFORM_UNSUPPORTED"
  | "PORT_TAKEN"
  | "PORT_INVALID"
  | "CONFIG_INVALID"
  | "DIRECTORY_UNWRITABLE"
  | "DATA_VERSION_MISMATCH"
  | "DATA_OUTDATED"
  | "ALREADY_RUNNING"
  | "DATABASE_UNSUITABLE"
  | "POSTGRES_FAILED"
  | "MIGRATION_FAILED"
  | "FUNCTION_FAILED";

/** A refusal of the local stack: what is wrong (`message`) and what to do about it (`hint`). */
export class StackError extends Error {
  override readonly name = "StackError";

  constructor(
    readonly code: StackErrorCode,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The refusal as lines for a terminal. */
  report(): string {
    return `error ${this.code}: ${this.message}\n  ${this.hint}`;
  }
}
