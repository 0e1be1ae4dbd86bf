/**
 * Messages to and from their wire form: the envelope in headers, one JSON object in the body. The body's bytes are
 * what is hashed, so they are kept as they came. Decoding checks the schema; encoding trusts the compiler.
 */
import * as Schema from "effect/Schema";
import { type Envelope, headers } from "../../../streams/envelope.ts";
import { type BodyIn, definitions, type Family } from "../../../streams/index.ts";
import { isOneLine } from "../printable.ts";

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

/** What is wrong with a body may quote all of it. */
const REASON_MAX = 1000;

/** Reads and checks the body of a message of this family; throws `Malformed` with the reason. */
export function decodeBody<F extends Family>(family: F, envelope: Envelope, data: Uint8Array): BodyIn<F> {
  if (envelope.fault !== undefined) throw new Malformed(`${family} ${envelope.type}: ${envelope.fault}`);
  const decode = decoderOf(`${family}/${envelope.type}/${envelope.version}`);
  if (decode === undefined) {
    throw new Malformed(`no ${family} is called ${envelope.type} version ${envelope.version} here`);
  }
  try {
    return decode(JSON.parse(utf8.decode(data))) as BodyIn<F>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Malformed(`${family} ${envelope.type}: ${reason.slice(0, REASON_MAX)}`);
  }
}

/** The envelope as header lines, in the order of the contract; absent and empty fields are left out. */
export function encodeEnvelope(envelope: Envelope): [name: string, value: string][] {
  return (Object.keys(headers) as (keyof typeof headers)[]).flatMap((field) => {
    const value = envelope[field];
    return value === undefined || value === "" ? [] : [[headers[field], String(value)] as [string, string]];
  });
}

/** Headers are copied into other messages and kept. The longest of ours names 32 intervals of one message. */
const HEADER_MAX = 1000;
const WHOLE_NUMBER = /^\d{1,16}$/;

/**
 * Reads an envelope from header lines; a message without one gets an empty envelope of type "". Headers that cannot be
 * ours are left out and told as its `fault`: a number that is none would be a fault of every event made from it.
 */
export function decodeEnvelope(get: (name: string) => string): Envelope {
  let fault: string | undefined;
  const number = (name: string): number => {
    const value = get(name);
    const isWhole = value === "" || (WHOLE_NUMBER.test(value) && Number.isSafeInteger(Number(value)));
    if (!isWhole) fault ??= `${name} is no whole number`;
    return isWhole ? Number(value) : 0;
  };
  const words = (name: string): string => {
    const value = get(name);
    if (value.length <= HEADER_MAX && isOneLine(value)) return value;
    fault ??= `${name} is too long, or not one line`;
    return "";
  };
  const envelope: Envelope = {
    id: words(headers.id),
    type: words(headers.type),
    version: number(headers.version),
    time: number(headers.time),
    epoch: number(headers.epoch),
    actor: words(headers.actor),
    correlation: words(headers.correlation),
    causation: words(headers.causation),
    ...(get(headers.expires) === "" ? {} : { expires: number(headers.expires) }),
    ...(get(headers.sequence) === "" ? {} : { sequence: number(headers.sequence) }),
  };
  const hash = words(headers.hash);
  const chained = hash === "" ? envelope : { ...envelope, previous: words(headers.previous), hash };
  return fault === undefined ? chained : { ...chained, fault };
}
