/**
 * The shape of a message definition: its name, its version, who writes it, when it is true, and its body. A body
 * is one JSON object whose `type` is the message's name. Versions are additive only: a change that is not
 * additive is a new version beside the old one, and the old one's golden bytes keep decoding for ever.
 */
import * as Schema from "effect/Schema";
import type { Role } from "./asset.ts";

export interface MessageDefinition<
  T extends string = string,
  F extends Schema.Struct.Fields = Schema.Struct.Fields,
> {
  readonly type: T;
  readonly version: number;
  /** One sentence: when this is said, or when it is true. */
  readonly when: string;
  readonly writer: Role;
  readonly schema: Schema.Struct<{ readonly type: Schema.Literal<T> } & F>;
}

/** Defines one message. `fields` are its body besides `type`. */
export const define = <const T extends string, const F extends Schema.Struct.Fields>(
  type: T,
  writer: Role,
  when: string,
  fields: F,
): MessageDefinition<T, F> => ({
  type,
  version: 1,
  when,
  writer,
  schema: Schema.Struct({ type: Schema.Literal(type), ...fields }),
});

/** The union of the bodies of a family of messages. */
export type BodyOf<Family extends Record<string, { readonly schema: Schema.Top }>> =
  Family[keyof Family]["schema"]["Type"];
