/** What every command shares: where the mesh is, how failures are told, how `--json` errors look. */
import { Command, Flags } from "@oclif/core";
import { exitCode, Failure } from "./exit-codes.ts";

export abstract class MeshCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    nats: Flags.string({
      summary: "NATS server of a running mesh (nats://host:port); without it, the embedded servers",
      env: "MESH_NATS_URL",
      helpGroup: "GLOBAL",
    }),
    creds: Flags.string({
      summary: "credentials for it: a .creds file or an NKey seed file",
      env: "MESH_CREDS",
      helpGroup: "GLOBAL",
    }),
  };

  /** `--json`, or `MESH_JSON` where a command has that flag. */
  override jsonEnabled(): boolean {
    const isSet = ["1", "true", "yes", "y"].includes((process.env["MESH_JSON"] ?? "").toLowerCase());
    return super.jsonEnabled() || (isSet && this.ctor.enableJsonFlag);
  }

  /** Tells a person, beside the result; never on stdout. */
  protected note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** A failure one can act on is told in two lines; anything else is a bug and says so. */
  protected override async catch(error: Error & { exitCode?: number }): Promise<unknown> {
    if (isUsage(error) || error.constructor.name === "ExitError") return super.catch(error);
    const failure = asFailure(error);
    process.exitCode = failure.exit;
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(failure));
    else this.tell(failure, error);
    return undefined;
  }

  private tell(failure: Failure, error: Error): void {
    this.note(`mesh: ${failure.message}`);
    if (failure.hint !== undefined) this.note(`      ${failure.hint}`);
    if (failure.exit === exitCode.defect) this.note(error.stack ?? String(error));
  }

  /** oclif would put the whole parser and configuration into the JSON error. */
  protected override toErrorJson(error: unknown): unknown {
    const failure = error instanceof Failure ? error : asFailure(error as Error);
    const { code, message, exit, hint } = failure;
    return { error: { code, message, exit, ...(hint === undefined ? {} : { hint }) } };
  }
}

const isUsage = (error: Error): boolean => (error as { oclif?: { exit?: number } }).oclif?.exit !== undefined;

/** A message that carries its next step needs no other. */
const hintOf = ({ message }: Error): string | undefined =>
  message.includes("max_payload") ? undefined : "mesh status shows what is running";

/** Failures of the adapters, by what they are called; their classes are loaded only by commands that use them. */
function asFailure(error: Error): Failure {
  if (error instanceof Failure) return error;
  const { name, message } = error;
  const hint = (error as { hint?: string }).hint;
  if (name === "ConnectFailure") return new Failure(exitCode.unreachable, "Unreachable", message, hint);
  if (name === "KeeperError") return new Failure(exitCode.unreachable, "Keeper", message, hint);
  if (name === "NoMesh") {
    return new Failure(exitCode.unreachable, "NoMesh", message, "mesh status shows what is running");
  }
  if (name === "RunNotFound") return new Failure(exitCode.usage, "RunNotFound", message, hint);
  if (name === "ServerError") return new Failure(exitCode.unreachable, "Server", message, hintOf(error));
  const usage = (error as { oclif?: { exit?: number } }).oclif?.exit;
  if (usage !== undefined) return new Failure(usage, "Usage", message);
  return new Failure(
    exitCode.defect,
    "Defect",
    `this is a bug in Mesh: ${message}`,
    "please report it with the lines below",
  );
}
