/**
 * Golden bytes: what every message looks like on the wire, for ever. A committed file is never rewritten here;
 * `UPDATE_GOLDEN=1` writes missing files only. To change what was released, add a version (streams/README.md).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { chainFault, link } from "../../src/domain/log/chain.ts";
import { decodeBody, decodeEnvelope, encodeBody, encodeEnvelope } from "../../src/domain/log/codec.ts";
import type { Envelope } from "../../streams/envelope.ts";
import { families, type Family } from "../../streams/index.ts";
import type { MessageDefinition } from "../../streams/message.ts";
import { fullSamples } from "./full-samples.ts";
import { guardedSamples } from "./guarded-samples.ts";
import { sampleEnvelope, samples } from "./samples.ts";

interface Golden {
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Case {
  readonly family: Family;
  readonly file: string;
  readonly body: { readonly type: string };
  readonly envelope: Envelope;
  readonly data: Uint8Array;
}

const fileOf = (family: Family, { type, version }: MessageDefinition) =>
  `${family.replace(" ", "-")}/${type}.v${version}.json`;

const folder = join(import.meta.dirname, "messages");

type Bodies = Readonly<Record<string, { readonly type: string } | undefined>>;

const cases: readonly Case[] = (Object.keys(families) as Family[]).flatMap((family) =>
  Object.entries(families[family] as Record<string, MessageDefinition>).flatMap(([key, definition]) => {
    const body = (samples[family] as Bodies)[key];
    if (body === undefined) throw new Error(`test/golden/samples.ts has no sample of ${family} ${key}`);
    const file = fileOf(family, definition);
    const full = fullSamples[family]?.[key];
    const plain = caseOf(family, definition, file, body);
    const more = (suffix: string, sample: { readonly type: string } | undefined) =>
      sample === undefined ? [] : [caseOf(family, definition, file.replace(".json", `.${suffix}.json`), sample)];
    return [plain, ...more("full", full), ...more("guarded", guardedSamples[family]?.[key])];
  }),
);

function caseOf(family: Family, definition: MessageDefinition, file: string, body: { readonly type: string }): Case {
  const data = encodeBody(body);
  const plain = sampleEnvelope(family, definition);
  const envelope = plain.previous === undefined ? plain : link(plain, data, plain.previous);
  return { family, file, body, envelope, data };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

const wireForm = ({ envelope, data }: Case): Golden => ({
  headers: Object.fromEntries(encodeEnvelope(envelope)),
  body: utf8.decode(data),
});

function committed(file: string): Golden {
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as Golden;
}

function writeMissing(): void {
  for (const one of cases) {
    const path = join(folder, one.file);
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(wireForm(one), null, 2)}\n`, { flag: "wx" });
  }
}

if (process.env["UPDATE_GOLDEN"] === "1") writeMissing();

describe("golden messages", () => {
  it("have one file for every definition and none besides", () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect(files.toSorted()).toEqual(cases.map((one) => one.file).toSorted());
  });

  it("are written by the envelope header for header, in the order of the contract", () => {
    for (const one of cases) {
      expect(Object.entries(committed(one.file).headers), one.file).toEqual(encodeEnvelope(one.envelope));
    }
  });
});

describe.each(cases)("$file", (one) => {
  it("is what encoding the sample gives, byte for byte", () => {
    expect(wireForm(one)).toEqual(committed(one.file));
  });

  it("decodes to the sample", () => {
    const golden = committed(one.file);
    const envelope = decodeEnvelope((name) => golden.headers[name] ?? "");
    expect(envelope).toEqual(one.envelope);
    expect(decodeBody(one.family, envelope, new TextEncoder().encode(golden.body))).toEqual(one.body);
  });
});

describe.each(cases.filter((one) => one.envelope.hash !== undefined))("hash of $file", (one) => {
  const golden = () => committed(one.file);
  const fault = (body: string) => {
    const envelope = decodeEnvelope((name) => golden().headers[name] ?? "");
    return chainFault(envelope, new TextEncoder().encode(body), one.envelope.previous ?? "");
  };

  it("covers the committed bytes and no others", () => {
    expect(fault(golden().body)).toBeUndefined();
    expect(fault(golden().body.replace(/\}$/, " }"))).toMatch(/was edited/);
  });
});
