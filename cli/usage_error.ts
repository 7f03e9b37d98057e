/** A usage error: the command does not run. */
export class UsageError extends Error {}
