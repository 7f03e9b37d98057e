/** What `jobforge worker --handlers examples/container/handlers.ts` runs. */
export { sampleHandlers as handlers } from "../jobs/handlers.ts";
