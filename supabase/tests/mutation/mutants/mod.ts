import type { Mutant } from "../mutant.ts";
import { answers } from "./answers.ts";
import { bounds } from "./bounds.ts";
import { calendars } from "./calendars.ts";
import { callers } from "./callers.ts";
import { claims } from "./claims.ts";
import { configurations } from "./configurations.ts";
import { connectors } from "./connectors.ts";
import { counts } from "./counts.ts";
import { deliveries } from "./deliveries.ts";
import { destinations } from "./destinations.ts";
import { dispatch } from "./dispatch.ts";
import { edges } from "./edges.ts";
import { egress } from "./egress.ts";
import { foundation } from "./foundation.ts";
import { functions } from "./functions.ts";
import { heldMessages } from "./held_messages.ts";
import { hints } from "./hints.ts";
import { hops } from "./hops.ts";
import { development } from "./development.ts";
import { install } from "./install.ts";
import { jobs } from "./jobs.ts";
import { kinds } from "./kinds.ts";
import { leftovers } from "./leftovers.ts";
import { lines } from "./lines.ts";
import { maintenance } from "./maintenance.ts";
import { numbers } from "./numbers.ts";
import { members } from "./members.ts";
import { messages } from "./messages.ts";
import { moments } from "./moments.ts";
import { neighbors } from "./neighbors.ts";
import { operations } from "./operations.ts";
import { otherLines } from "./other_lines.ts";
import { records } from "./records.ts";
import { replies } from "./replies.ts";
import { rights } from "./rights.ts";
import { runs } from "./runs.ts";
import { schedules } from "./schedules.ts";
import { secretsInUse } from "./secrets_in_use.ts";
import { storedEvents } from "./stored_events.ts";
import { shapesOfProjects } from "./shapes.ts";
import { storage } from "./storage.ts";
import { senders } from "./senders.ts";
import { strict } from "./strict.ts";
import { tables } from "./tables.ts";
import { versions } from "./versions.ts";
import { views } from "./views.ts";
import { waits } from "./waits.ts";
import { webhookBodies } from "./webhook_bodies.ts";
import { worker } from "./worker.ts";

/** The mutants by the name of their file. Another one is another entry in one of these. */
export const lists = {
  rights,
  callers,
  jobs,
  storage,
  tables,
  runs,
  claims,
  foundation,
  dispatch,
  lines,
  otherLines,
  maintenance,
  functions,
  connectors,
  destinations,
  deliveries,
  heldMessages,
  secretsInUse,
  senders,
  webhookBodies,
  storedEvents,
  configurations,
  edges,
  egress,
  answers,
  schedules,
  calendars,
  members,
  messages,
  neighbors,
  moments,
  operations,
  records,
  bounds,
  counts,
  leftovers,
  views,
  waits,
  worker,
  numbers,
  kinds,
  development,
  install,
  shapesOfProjects,
  strict,
  replies,
  hints,
  hops,
  versions,
};

/** Every mutant of the gate. */
export const mutants: Mutant[] = Object.values(lists).flat();
