import type { Command } from "commander";
import { examine } from "../doctor/checks.ts";
import { report } from "../doctor/finding.ts";
import type { Act } from "../command.ts";

/** doctor: what is wrong with the project itself. */
export function doctorCommand(program: Command, act: Act): void {
  program.command("doctor")
    .description("what is wrong with the project, and how to mend it; exits with 1 if anything")
    .action(act(async (session) => {
      const findings = await examine(session.project);
      if (findings.some(({ ok }) => !ok)) session.fail();
      session.show(findings, () => report(findings));
    }));
}
