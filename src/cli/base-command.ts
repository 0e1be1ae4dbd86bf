/** What every command shares: where the mesh is, how failures are told, how `--json` errors look. */
import { Command, Flags, type Interfaces } from "@oclif/core";
import { printableJson, printableLines } from "../domain/printable.ts";
import type { MeshConfig } from "../script/config.ts";
import { exitCode, Failure } from "./exit-codes.ts";
import type { WhereFlags } from "./settings/given.ts";
import { tellFailure } from "./tell-failure.ts";
import { isUsage, usageFailure } from "./usage-failure.ts";

type Input<F extends OutputFlags, B extends OutputFlags, A extends OutputArgs> = Interfaces.Input<F, B, A>;
type ParserOutput<
  F extends OutputFlags,
  B extends OutputFlags,
  A extends OutputArgs,
> = Interfaces.ParserOutput<F, B, A>;
type OutputFlags = Interfaces.OutputFlags<Interfaces.FlagInput>;
type OutputArgs = Interfaces.OutputArgs<Interfaces.ArgInput>;

export abstract class MeshCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    nats: Flags.string({
      summary: "NATS server of a running mesh (nats://host:port); without it, the embedded servers",
      env: "MESH_NATS_URL",
      helpGroup: "GLOBAL",
    }),
    context: Flags.string({
      summary: "the name of a NATS context that says where the mesh is (nats context ls)",
      env: "MESH_CONTEXT",
      helpGroup: "GLOBAL",
    }),
    config: Flags.string({
      summary: "file with defaults for flags (default: mesh.config.ts here; none: no file)",
      env: "MESH_CONFIG",
      helpGroup: "GLOBAL",
    }),
    creds: Flags.string({
      summary: "credentials for the NATS server: a .creds file or an NKey seed file",
      env: "MESH_CREDS",
      helpGroup: "GLOBAL",
    }),
    "tls-ca": Flags.string({
      summary:
        "PEM file with the authority of the NATS server's certificate, where this machine trusts it not",
      env: "MESH_TLS_CA",
      helpValue: "FILE",
      helpGroup: "GLOBAL",
    }),
    "tls-cert": Flags.string({
      summary: "PEM file with a certificate of our own, for a NATS server that asks for one",
      env: "MESH_TLS_CERT",
      helpValue: "FILE",
      helpGroup: "GLOBAL",
    }),
    "tls-key": Flags.string({
      summary: "PEM file with the key of that certificate",
      env: "MESH_TLS_KEY",
      helpValue: "FILE",
      helpGroup: "GLOBAL",
    }),
  };

  /** `--json`, or `MESH_JSON` where a command has that flag. */
  override jsonEnabled(): boolean {
    return this.isJsonReport || this.jsonAsked() !== undefined;
  }

  /** Who asks for JSON: the command line, which wins over everything, or the environment. */
  protected jsonAsked(): "flag" | "variable" | undefined {
    if (super.jsonEnabled()) return "flag";
    const isSet = ["1", "true", "yes", "y"].includes((process.env["MESH_JSON"] ?? "").toLowerCase());
    return isSet && this.ctor.enableJsonFlag ? "variable" : undefined;
  }

  /** Tells a person, beside the result; never on stdout. */
  protected note(line: string): void {
    process.stderr.write(`${printableLines(line)}\n`);
  }

  /** The result as JSON, which people read on terminals, too. */
  protected override logJson(json: unknown): void {
    process.stdout.write(`${printableJson(json, 2)}\n`);
  }

  /** Where reports go: their text to stdout, what is beside it to stderr. */
  protected readonly streams = {
    note: (line: string) => this.note(line),
    print: (text: string) => void process.stdout.write(text),
  };

  /** What `mesh.config.ts` says, for what a command reads of it beside its flags. */
  protected settings: MeshConfig = {};

  /** Where the mesh is, as flags that another command needs to find it; none where it finds it by itself. */
  protected where: readonly string[] = [];

  /** Set once the reporters are chosen: stdout is one JSON document, and an error must be one, too. */
  protected isJsonReport = false;

  /** With the config file's values where neither the command line nor the environment says anything. */
  protected override async parse<F extends OutputFlags, B extends OutputFlags, A extends OutputArgs>(
    options?: Input<F, B, A>,
    argv = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    const [{ NO_CONFIG, readConfigFile }, settings] = await Promise.all([
      import("./settings/config-file.ts"),
      import("./settings/given.ts"),
    ]);
    const { configNamed, credsFor, parentFor, settleWhere, withDefaults, zoneCredsIn } = settings;
    const { args, baseFlags, enableJsonFlag, flags, strict } = options ?? (this.ctor as Input<F, B, A>);
    // Commands that ask no mesh read no file: a broken one must not keep a shell from its completion.
    const reads = baseFlags !== undefined && "config" in baseFlags;
    const { config: said } = await readConfigFile(reads ? configNamed(argv) : NO_CONFIG);
    const config = {
      ...said,
      creds: credsFor(this.id, said),
      ...parentFor(this.id, said),
      ...zoneCredsIn(said),
    };
    this.settings = said;
    const own = { flags: withDefaults(flags, config), baseFlags: withDefaults(baseFlags, config) };
    const parsed = await super.parse({ args, enableJsonFlag, strict, ...own } as Input<F, B, A>, argv);
    this.where = settleWhere(parsed.flags as WhereFlags, MeshCommand.baseFlags, argv, config);
    return parsed;
  }

  /** A failure one can act on is told in two lines; anything else is a bug and says so. */
  protected override async catch(error: Error & { exitCode?: number }): Promise<unknown> {
    if (error.constructor.name === "ExitError") return super.catch(error);
    const failure = isUsage(error) ? usageFailure(error, spelled(this.id)) : asFailure(error);
    process.exitCode = failure.exit;
    tellFailure(failure, this.jsonEnabled(), error.stack);
    return undefined;
  }
}

const spelled = (id: string | undefined): string => (id ?? "").replaceAll(":", " ");

/** A message that carries its next step needs no other. */
const hintOf = ({ message }: Error): string | undefined =>
  message.includes("max_payload") ? undefined : "mesh status shows what is running";

/** Failures of the adapters, by what they are called; their classes are loaded only by commands that use them. */
function asFailure(error: Error): Failure {
  if (error instanceof Failure) return error;
  const { name, message } = error;
  const { hint, isUsage: isMisused = false } = error as { hint?: string; isUsage?: boolean };
  if (name === "ConnectFailure" && isMisused)
    return new Failure(exitCode.usage, "WrongServer", message, hint);
  if (name === "ConnectFailure") return new Failure(exitCode.unreachable, "Unreachable", message, hint);
  if (name === "KeeperError") return new Failure(exitCode.unreachable, "Keeper", message, hint);
  if (name === "TrustError") return new Failure(exitCode.usage, "Keys", message, hint);
  if (name === "NoMesh") {
    return new Failure(exitCode.unreachable, "NoMesh", message, "mesh status shows what is running");
  }
  if (name === "BundlerAbsent") return new Failure(exitCode.unreachable, "Bundler", message, hint);
  if (name === "RunNotFound") return new Failure(exitCode.usage, "RunNotFound", message, hint);
  if (name === "ServerError") return new Failure(exitCode.unreachable, "Server", message, hintOf(error));
  return new Failure(
    exitCode.defect,
    "Defect",
    `this is a bug in Mesh: ${message}`,
    "please report it with the lines below",
  );
}
