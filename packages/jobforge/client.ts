/** The client of applications: browsers, Node and Deno. */
export * from "../../shared/client.ts";
