export * from "../../shared/client.ts";
