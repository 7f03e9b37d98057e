import type { Command } from "commander";
import type { Session } from "./session.ts";

/** A function that adds commands to a program. `act` opens a session for each of them. */
export type AddCommands = (program: Command, act: Act) => void;

/** A function that creates the action of a command from work on a session. */
export type Act = <Given extends unknown[]>(
  work: (session: Session, ...given: Given) => Promise<void>,
) => (...given: Given) => Promise<void>;
