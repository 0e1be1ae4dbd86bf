/**
 * Internet addresses as numbers, and ranges of them. IPv4 is read as the part of IPv6 that stands for it (`::ffff:0:0/96`),
 * so that both spellings of an address are the same number. Pure.
 */

/** A block of addresses: the first, and how many bits of 128 all of them share. */
export interface IpRange {
  readonly first: bigint;
  readonly bits: number;
}

const V4_BITS = 96;
const V4_PREFIX = 0xffffn << 32n;
const BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const V4 = new RegExp(`^${BYTE}\\.${BYTE}\\.${BYTE}\\.${BYTE}$`);
const GROUPS = 8;

function v4Of(text: string): bigint | undefined {
  const bytes = V4.exec(text)?.slice(1);
  return bytes?.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** 16-bit groups of one side of `::`; undefined where something is no group. An IPv4 address at the end stands for two. */
function groupsOf(text: string): readonly bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? v4Of(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function v6Of(text: string): bigint | undefined {
  const [before = "", after, ...more] = text.split("::");
  const head = groupsOf(before);
  const tail = groupsOf(after ?? "");
  if (more.length > 0 || head === undefined || tail === undefined || !text.includes(":")) return undefined;
  const missing = GROUPS - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return all.reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** The number of an address; undefined for what is none. The name of an interface behind `%` says nothing of whom it reaches. */
export function ipOf(text: string): bigint | undefined {
  const v4 = v4Of(text);
  return v4 === undefined ? v6Of(text.split("%")[0] ?? "") : V4_PREFIX | v4;
}

/** An address, or a range as `10.0.0.0/8`. */
export function ipRangeOf(text: string): IpRange | undefined {
  const [address = "", bits, ...more] = text.split("/");
  const first = address.includes("%") ? undefined : ipOf(address);
  if (first === undefined || more.length > 0) return undefined;
  const own = V4.test(address) ? V4_BITS : 0;
  if (bits === undefined) return { first, bits: 128 };
  const isBits = /^\d{1,3}$/.test(bits) && Number(bits) <= 128 - own;
  return isBits ? { first, bits: own + Number(bits) } : undefined;
}

export function isInRange({ bits, first }: IpRange, address: bigint): boolean {
  const rest = BigInt(128 - bits);
  return address >> rest === first >> rest;
}

/** Ranges whose addresses carry an IPv4 address to which a gateway hands them on: IPv4-compatible, NAT64, 6to4. */
const CARRIERS: readonly { readonly range: IpRange; readonly shift: bigint }[] = [
  { range: { first: 0n, bits: 96 }, shift: 0n },
  { range: { first: 0x64ff9bn << 96n, bits: 96 }, shift: 0n },
  { range: { first: 0x2002n << 112n, bits: 16 }, shift: 80n },
];

/** The address, and the one that it stands for, if it does. */
export function meaningsOf(address: bigint): readonly bigint[] {
  // `::` and `::1` are themselves.
  if (address <= 1n) return [address];
  const carrier = CARRIERS.find(({ range }) => isInRange(range, address));
  return carrier === undefined
    ? [address]
    : [address, V4_PREFIX | ((address >> carrier.shift) & 0xffffffffn)];
}
