import { Worker } from "node:worker_threads";
import type { KeeperState } from "../../shared/worker/keeper.ts";
import { UsageError } from "../usage_error.ts";
import type { ConnectionEnv } from "./connection.ts";

/** What the other thread is started with. */
export interface AttendantData {
  connection: ConnectionEnv;
  host: string;
  port: number | undefined;
}

/** What the other thread posts. */
export type AttendantMessage = { listening: number } | { problem: string };

/** A thread that extends the lease while handlers keep the main thread busy. */
export interface Attendant {
  /** Tells it the state of the worker, at once. */
  post(state: KeeperState): void;
  /** Resolves with the port of /health, or undefined when there is none. Rejects if it is taken. */
  listening: Promise<number | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts a thread beside the main one. It answers /health and /metrics, and it extends the lease of
 * the run while a handler computes and the main thread cannot.
 */
export function startAttendant(data: AttendantData): Attendant {
  // In the package it is a script beside this one.
  const file = import.meta.url.endsWith(".ts") ? "attendant_thread.ts" : "attendant_thread.js";
  const thread = new Worker(new URL(file, import.meta.url), { workerData: data });
  const post = (state: KeeperState) => thread.postMessage(state);
  const listening = new Promise<number | undefined>((resolve, reject) => {
    thread.on("error", reject);
    thread.on("message", (message: AttendantMessage) => {
      if ("problem" in message) reject(new UsageError(`cannot listen on ${message.problem}`));
      else resolve(message.listening || undefined);
    });
  });
  return {
    ...{ post, listening },
    async stop() {
      await thread.terminate();
    },
  };
}
