import { MeshCommand } from "../base-command.ts";
import { exitCode } from "../exit-codes.ts";

export class Doctor extends MeshCommand {
  static override summary = "Check that all is well here, and say what to do where it is not";
  static override description = `Looks at this machine, the state directory, the servers and the mesh. Starts nothing and leaves nothing behind.
Exits with ${exitCode.passed} when nothing is ✗ (what is ! works, but not for ever or not for all), else with ${exitCode.unreachable}: no mesh can be used before that is mended.`;
  static override examples = [
    "<%= config.bin %> doctor",
    "<%= config.bin %> doctor --nats nats://hub:4222 --creds hub.creds",
    "<%= config.bin %> doctor --json | jq '.checks[] | select(.status != \"ok\")'",
  ];

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor);
    const { doctorText } = await import("../doctor/render.ts");
    const { examine } = await import("../doctor/examine.ts");
    const diagnosis = await examine(flags);
    if (!diagnosis.ok) process.exitCode = exitCode.unreachable;
    if (!this.jsonEnabled()) process.stdout.write(doctorText(diagnosis));
    return diagnosis;
  }
}
