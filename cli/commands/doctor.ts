import type { Command } from "commander";
import { examine } from "../doctor/checks.ts";
import { report } from "../doctor/finding.ts";
import type { Act } from "../command.ts";

/** The command doctor: checks of the project itself. */
export function doctorCommand(program: Command, act: Act): void {
  program.command("doctor")
    .description("check the project and print how to fix each problem (exit code 1 if any)")
    .action(act(async (session) => {
      const findings = await examine(session.project);
      if (findings.some(({ ok }) => !ok)) session.fail();
      session.show(findings, () => report(findings));
    }));
}
