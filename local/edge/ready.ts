/** Printed with the port as soon as a function serves. The stack waits for this line. */
export const READY_LINE = "jobforge-function-ready";
