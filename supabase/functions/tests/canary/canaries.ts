import { legacyKey } from "../../../../local/keys.ts";
import type { Stage } from "../stage.ts";

/** Strings that must turn up nowhere but where a flow says they belong, by what they stand for. */
export type Canaries = Awaited<ReturnType<typeof plantCanaries>>;

/** A text that looks like the secrets it stands for, and that nothing else contains. */
function canary(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll("-", "");
}

/** The secrets of a running stack, and made-up ones for what callers and handlers bring. */
export async function plantCanaries(stage: Stage) {
  const { keys } = stage.stack;
  return {
    secretKey: keys.secretKey,
    legacyKey: await legacyKey(keys, "service_role"),
    jwtSecret: keys.jwtSecret,
    databasePassword: keys.databasePassword,
    workerSecret: canary("canary-environment-"),
    claim: canary("canary-claim-"),
    header: canary("canary-header-"),
    cookie: canary("canary-cookie-"),
    query: canary("canary-query-"),
    payload: canary("canary-payload-"),
    result: canary("canary-result-"),
    refusedValue: canary("canary-refused-"),
    answer: canary("canary-answer-"),
    errorKey: canary(["sb", "secret", "canary"].join("_")),
    errorPassword: canary("canary-password-"),
    signingSecret: canary(["whsec", "canary"].join("_")),
    ticket: crypto.randomUUID().replaceAll("-", "").repeat(2),
  };
}
