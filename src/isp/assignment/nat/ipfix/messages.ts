/** Writes IPFIX and NetFlow v9 as an exporter does, for the tests of what reads them. */
export interface FieldSpec {
  readonly number: number;
  readonly length: number;
  readonly enterprise?: number;
}

const u16 = (n: number) => [(n >>> 8) & 255, n & 255];
export const u32 = (n: number) => [...u16(Math.floor(n / 65_536)), ...u16(n % 65_536)];
export const u64 = (n: number) => [...u32(Math.floor(n / 2 ** 32)), ...u32(n % 2 ** 32)];
/** A number as so many bytes. */
export const be = (n: number | bigint, length: number): number[] =>
  Array.from({ length }, (_, i) => Number((BigInt(n) >> BigInt(8 * (length - 1 - i))) & 255n));

export const set = (id: number, body: readonly number[], padding = 0): number[] => [
  ...u16(id),
  ...u16(4 + body.length + padding),
  ...body,
  ...Array<number>(padding).fill(0),
];

export const template = (id: number, fields: readonly FieldSpec[]): number[] => [
  ...u16(id),
  ...u16(fields.length),
  ...fields.flatMap(f => [
    ...u16(f.number | (f.enterprise === undefined ? 0 : 0x8000)),
    ...u16(f.length),
    ...(f.enterprise === undefined ? [] : u32(f.enterprise)),
  ]),
];

export const message = (
  seconds: number,
  sequence: number,
  domain: number,
  sets: readonly (readonly number[])[],
): Uint8Array => {
  const body = sets.flat();
  return Uint8Array.from([
    ...u16(10),
    ...u16(16 + body.length),
    ...u32(seconds),
    ...u32(sequence),
    ...u32(domain),
    ...body,
  ]);
};

export const message9 = (
  seconds: number,
  sequence: number,
  domain: number,
  sets: readonly (readonly number[])[],
): Uint8Array =>
  Uint8Array.from([
    ...u16(9),
    ...u16(sets.length),
    ...u32(1),
    ...u32(seconds),
    ...u32(sequence),
    ...u32(domain),
    ...sets.flat(),
  ]);

export const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(p => [...p]));
