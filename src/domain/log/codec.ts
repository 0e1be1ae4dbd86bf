/**
 * Messages to and from their wire form: the envelope in headers, one JSON object in the body. The body's bytes are
 * what is hashed, so they are kept as they came. Decoding checks the schema; encoding trusts the compiler.
 */
import * as Schema from "effect/Schema";
import { type Envelope, headers } from "../../../streams/envelope.ts";
import { type BodyIn, definitions, type Family } from "../../../streams/index.ts";

/** A message as it travels. */
export interface Outgoing {
  readonly envelope: Envelope;
  readonly data: Uint8Array;
}

/** A message that does not follow the contract: newer, damaged, or not ours. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

const text = new TextEncoder();
const utf8 = new TextDecoder();

type Decode = (value: unknown) => { readonly type: string };

const byName = new Map(
  definitions.map((each) => [`${each.family}/${each.type}/${each.version}`, each.schema]),
);
const made = new Map<string, Decode>();

/** Decoders are made when they are first needed: a process reads only a few kinds of message. */
function decoderOf(name: string): Decode | undefined {
  const known = made.get(name);
  const schema = byName.get(name);
  if (known !== undefined || schema === undefined) return known;
  const decode = Schema.decodeUnknownSync(schema as unknown as Schema.Codec<{ readonly type: string }>);
  made.set(name, decode);
  return decode;
}

/** Puts a body into bytes. Keys stand in the order of the object given. */
export function encodeBody(body: { readonly type: string }): Uint8Array {
  return text.encode(JSON.stringify(body));
}

/** Reads and checks the body of a message of this family; throws `Malformed` with the reason. */
export function decodeBody<F extends Family>(family: F, envelope: Envelope, data: Uint8Array): BodyIn<F> {
  const decode = decoderOf(`${family}/${envelope.type}/${envelope.version}`);
  if (decode === undefined) {
    throw new Malformed(`no ${family} is called ${envelope.type} version ${envelope.version} here`);
  }
  try {
    return decode(JSON.parse(utf8.decode(data))) as BodyIn<F>;
  } catch (error) {
    throw new Malformed(
      `${family} ${envelope.type}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The envelope as header lines, in the order of the contract; absent and empty fields are left out. */
export function encodeEnvelope(envelope: Envelope): [name: string, value: string][] {
  return (Object.keys(headers) as (keyof typeof headers)[]).flatMap((field) => {
    const value = envelope[field];
    return value === undefined || value === "" ? [] : [[headers[field], String(value)] as [string, string]];
  });
}

/** Reads an envelope from header lines; a message without one gets an empty envelope of type "". */
export function decodeEnvelope(get: (name: string) => string): Envelope {
  const number = (name: string) => Number(get(name) || 0);
  const envelope: Envelope = {
    id: get(headers.id),
    type: get(headers.type),
    version: number(headers.version),
    time: number(headers.time),
    epoch: number(headers.epoch),
    actor: get(headers.actor),
    correlation: get(headers.correlation),
    causation: get(headers.causation),
    ...(get(headers.expires) === "" ? {} : { expires: number(headers.expires) }),
    ...(get(headers.sequence) === "" ? {} : { sequence: number(headers.sequence) }),
  };
  const hash = get(headers.hash);
  return hash === "" ? envelope : { ...envelope, previous: get(headers.previous), hash };
}
