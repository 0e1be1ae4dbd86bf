import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { readSecrets } from "../../../src/cli/run/secrets.ts";

const VALUE = "correct-horse-battery";

describe("--secret", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("names a variable of its own name, another variable, or a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "mesh-secrets-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "key");
    writeFileSync(file, `${VALUE}\n`);
    vi.stubEnv("TOKEN", VALUE);
    const read = readSecrets(["TOKEN", "OTHER=env:TOKEN", `KEY=file:${file}`]);
    expect(read).toEqual({ TOKEN: VALUE, OTHER: VALUE, KEY: VALUE });
  });

  it.each([
    [`TOKEN=${VALUE}`, "--secret TOKEN does not say where the value is"],
    ["=env:TOKEN", "--secret  does not say where the value is"],
    ["ABSENT", "--secret ABSENT: the variable ABSENT is not set in this shell"],
    ["KEY=file:/nowhere/key", "--secret KEY: ENOENT: no such file or directory, open '/nowhere/key'"],
    ["SHORT", "--secret SHORT: its value has fewer than 8 characters"],
  ])("%s is refused without its value", (given, message) => {
    vi.stubEnv("SHORT", "secret7");
    expect(() => readSecrets([given])).toThrow(expect.objectContaining({ exit: 2, message }));
    expect(message).not.toContain(VALUE);
  });
});
