/**
 * Whose a public key is, as a folder's own records say: of users, of the links of zones, and of their accounts. It reads no
 * key, because keys need not be where a server runs.
 */
import { readRecord, zonesOf } from "./link.ts";
import type { Folder } from "./folder.ts";
import { issuedIn } from "./users.ts";

/** Names by public key; those of revoked credentials, too. */
export function holdersIn(folder: Folder): ReadonlyMap<string, string> {
  const users = Object.entries(issuedIn(folder)).flatMap(([name, { publicKeys, revokedKeys = [] }]) =>
    [...publicKeys, ...revokedKeys].map((key) => [key, name] as const),
  );
  const links = zonesOf(folder).flatMap((zone) => {
    const { account, issued, revocations } = readRecord(folder, zone);
    const keys = [...issued.map(({ publicKey }) => publicKey), ...Object.keys(revocations)];
    return [...keys, account].map((key) => [key, `zone-${zone}`] as const);
  });
  return new Map([...users, ...links]);
}
