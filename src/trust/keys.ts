/** Key pairs: made here, kept as seeds in 0600 files, read again when something is to be signed. */
import { existsSync, readFileSync } from "node:fs";
import { createAccount, createOperator, createUser, fromSeed, type KeyPair } from "@nats-io/nkeys";
import { TrustError } from "./trust-error.ts";

export interface Key {
  readonly pair: KeyPair;
  readonly publicKey: string;
}

const keyOf = (pair: KeyPair): Key => ({ pair, publicKey: pair.getPublicKey() });

export const newOperator = (): Key => keyOf(createOperator());
/** An account, or a key that signs for one. */
export const newAccount = (): Key => keyOf(createAccount());
export const newUser = (): Key => keyOf(createUser());

export const seedOf = ({ pair }: Key): string => new TextDecoder().decode(pair.getSeed());

export function readKey(file: string): Key {
  if (!existsSync(file)) {
    throw new TrustError(
      `the key ${file} is missing`,
      "bring the folder's keys back from where you keep them: without them nothing can be signed",
    );
  }
  try {
    return keyOf(fromSeed(new TextEncoder().encode(readFileSync(file, "utf8").trim())));
  } catch (error) {
    throw new TrustError(
      `cannot read the key ${file}: ${(error as Error).message}`,
      "it must hold one NKey seed; see to it that you may read it",
    );
  }
}
