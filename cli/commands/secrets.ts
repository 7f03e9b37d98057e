import type { Command } from "commander";
import { integer, tenantOption } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { UsageError } from "../usage_error.ts";
import { table } from "../table.ts";

interface ValueOptions {
  tenant: string;
  valueEnv?: string;
  overlapSeconds?: number;
}

type Version = Record<string, unknown>;

/** Reads a value from a variable or standard input, because other processes can read arguments. */
async function valueOf(session: Session, { valueEnv }: ValueOptions): Promise<string> {
  const { terminal } = session;
  const text = valueEnv === undefined ? await terminal.readInput() : terminal.env(valueEnv);
  const value = text?.replace(/\r?\n$/, "");
  if (value) return value;
  throw new UsageError(
    "a value is required: write it to standard input, or name a variable with --value-env",
  );
}

function show(session: Session, versions: Version[]): void {
  session.show(versions, () => table(versions, ["name", "version", "expires_at"]));
}

/**
 * Throws for a value in the arguments, without repeating it. Command lines are kept in histories
 * and process lists.
 */
function refuseValues({ args }: Command): void {
  if (args.length === 1) return;
  throw new UsageError("a value must not be an argument: write it to standard input");
}

/** The command secrets: values in Vault for connectors. */
export function secretCommands(program: Command, act: Act): void {
  const secrets = program.command("secrets")
    .description("manage secrets in Vault (values come from standard input and are never shown)");
  const from = "--value-env <variable>";
  secrets.command("set <name>")
    .description("store a value and revoke older versions")
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
    .description("store a new value and keep the old one valid for a while")
    .addOption(tenantOption())
    .option(from, "read the value from this variable instead")
    .allowExcessArguments()
    .option(
      "--overlap-seconds <s>",
      "seconds during which both are valid",
      integer(0, 2_592_000),
      86_400,
    )
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
    .description("revoke a secret, or one version of it, at once")
    .addOption(tenantOption())
    .option("--version <number>", "revoke only this version", integer(1, 1_000_000))
    .action(act(async (session, name: string, options: { tenant: string; version?: number }) => {
      show(
        session,
        await session.rpc<Version[]>("jobforge_revoke_secret", {
          ...{ p_tenant_id: options.tenant, p_name: name, p_version: options.version ?? null },
        }),
      );
    }));
}
