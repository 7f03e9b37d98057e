import { legacyKey } from "../../../../local/keys.ts";
import type { Stage } from "../stage.ts";

/** Strings that may be only where a flow puts them, by what they stand for. */
export type PlantedSecrets = Awaited<ReturnType<typeof plantSecrets>>;

/** A text that looks like the secrets it stands for, and that nothing else contains. */
function makeSecret(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll("-", "");
}

/** The secrets of a running stack, and made-up ones for what callers and handlers bring. */
export async function plantSecrets(stage: Stage) {
  const { keys } = stage.stack;
  return {
    secretKey: keys.secretKey,
    legacyKey: await legacyKey(keys, "service_role"),
    jwtSecret: keys.jwtSecret,
    databasePassword: keys.databasePassword,
    workerSecret: makeSecret("planted-environment-"),
    claim: makeSecret("planted-claim-"),
    header: makeSecret("planted-header-"),
    cookie: makeSecret("planted-cookie-"),
    query: makeSecret("planted-query-"),
    payload: makeSecret("planted-payload-"),
    result: makeSecret("planted-result-"),
    refusedValue: makeSecret("planted-refused-"),
    answer: makeSecret("planted-answer-"),
    errorKey: makeSecret(["sb", "secret", "planted"].join("_")),
    errorPassword: makeSecret("planted-password-"),
    signingSecret: makeSecret(["whsec", "planted"].join("_")),
    ticket: crypto.randomUUID().replaceAll("-", "").repeat(2),
  };
}
