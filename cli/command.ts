import type { Command } from "commander";
import type { Session } from "./session.ts";

/** Adds commands to a program; `act` opens the session each of them works in. */
export type AddCommands = (program: Command, act: Act) => void;

/** Creates the action of a command from work that needs a session. */
export type Act = <Given extends unknown[]>(
  work: (session: Session, ...given: Given) => Promise<void>,
) => (...given: Given) => Promise<void>;
