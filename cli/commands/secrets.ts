import type { Command } from "commander";
import { tenantOption, whole } from "../arguments.ts";
import type { Act } from "../command.ts";
import { type Session, UsageError } from "../session.ts";
import { table } from "../table.ts";

interface ValueOptions {
  tenant: string;
  valueEnv?: string;
  overlapSeconds?: number;
}

type Version = Record<string, unknown>;

/** From a variable or standard input: arguments of a process are readable by others. */
async function valueOf(session: Session, { valueEnv }: ValueOptions): Promise<string> {
  const { terminal } = session;
  const text = valueEnv === undefined ? await terminal.readInput() : terminal.env(valueEnv);
  const value = text?.replace(/\r?\n$/, "");
  if (value) return value;
  throw new UsageError("no value: write it to standard input, or name a variable by --value-env");
}

function show(session: Session, versions: Version[]): void {
  session.show(versions, () => table(versions, ["name", "version", "expires_at"]));
}

/** Refused without being repeated: what is on a command line is in histories and process lists. */
function refuseValues({ args }: Command): void {
  if (args.length === 1) return;
  throw new UsageError("a value is never an argument: write it to standard input");
}

/** secrets: values in Vault that connectors use. */
export function secretCommands(program: Command, act: Act): void {
  const secrets = program.command("secrets")
    .description("values in Vault; a value is read from standard input, and never shown");
  const from = "--value-env <variable>";
  secrets.command("set <name>")
    .description("store a value; older versions end at once")
    .addOption(tenantOption())
    .option(from, "read the value from this variable instead")
    .allowExcessArguments()
    .action(act(async (session, name: string, options: ValueOptions, command: Command) => {
      refuseValues(command);
      const p_value = await valueOf(session, options);
      const args = { p_tenant_id: options.tenant, p_name: name, p_value };
      show(session, await session.rpc<Version[]>("jobforge_set_secret", args));
    }));
  secrets.command("rotate <name>")
    .description("store a new value; the old one counts for a while")
    .addOption(tenantOption())
    .option(from, "read the value from this variable instead")
    .allowExcessArguments()
    .option("--overlap-seconds <s>", "how long both count", whole(0, 2_592_000), 86_400)
    .action(act(async (session, name: string, options: ValueOptions, command: Command) => {
      refuseValues(command);
      const p_value = await valueOf(session, options);
      show(
        session,
        await session.rpc<Version[]>("jobforge_rotate_secret", {
          ...{ p_tenant_id: options.tenant, p_name: name, p_value },
          p_overlap_seconds: options.overlapSeconds,
        }),
      );
    }));
  secrets.command("revoke <name>")
    .description("end a secret, or one version of it, now")
    .addOption(tenantOption())
    .option("--version <number>", "only this one", whole(1, 1_000_000))
    .action(act(async (session, name: string, options: { tenant: string; version?: number }) => {
      show(
        session,
        await session.rpc<Version[]>("jobforge_revoke_secret", {
          ...{ p_tenant_id: options.tenant, p_name: name, p_version: options.version ?? null },
        }),
      );
    }));
}
