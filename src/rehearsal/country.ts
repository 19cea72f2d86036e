/**
 * The simulated country: five ISPs on 127.64.0.0/12, none of them real. In: how many addresses the survey covers. Out:
 * each ISP's aligned prefixes with the kind of pool, and addresses that are empty by construction.
 */
import { formatIpv4, formatPrefix, parsePrefix } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { PoolKind } from '../record/glossary.ts';

export interface CountryIsp {
  readonly id: string;
  readonly ja: string;
  readonly en: string;
  readonly pool: PoolKind;
  /** What its equipment writes of who held what: each ISP another kind. */
  readonly log: 'csv' | 'kea' | 'cgn-juniper' | 'pd' | 'radius-detail';
  /** First letters of the ISP's subscriber ids. */
  readonly mark: string;
  readonly prefixes: readonly string[];
}

const BASE = 0x7f400000; // 127.64.0.0
export const LEAST_ADDRESSES = 4_096;
export const MOST_ADDRESSES = 1_048_576;

/** Sixteenths of the country, in order of address; neighbouring sixteenths join into one aligned prefix where they can. */
const SHARES = [
  {
    id: 'hikari_dedicated',
    ja: 'ひかり専用線（架空）',
    en: 'Hikari Leased Lines (fictional)',
    pool: 'dedicated',
    log: 'csv',
    mark: 'HK',
    parts: 4,
  },
  {
    id: 'minato_dhcp',
    ja: 'みなと通信（架空）',
    en: 'Minato Broadband (fictional)',
    pool: 'dynamic',
    log: 'kea',
    mark: 'MN',
    parts: 5,
  },
  {
    id: 'yama_cgn',
    ja: 'やまモバイル（架空）',
    en: 'Yama Mobile (fictional)',
    pool: 'cgn',
    log: 'cgn-juniper',
    mark: 'YM',
    parts: 2,
  },
  {
    id: 'umi_mape',
    ja: 'うみネット（架空）',
    en: 'Umi Net (fictional)',
    pool: 'map-e',
    log: 'pd',
    mark: 'UM',
    parts: 3,
  },
  {
    id: 'kobune_reseller',
    ja: 'こぶねインターネット（架空）',
    en: 'Kobune Internet (fictional)',
    pool: 'reseller',
    log: 'radius-detail',
    mark: 'KB',
    parts: 2,
  },
] as const;

/** The fewest aligned blocks that cover `count` units from `from`, as [from, size] in units. */
function alignedBlocks(from: number, count: number): [number, number][] {
  const out: [number, number][] = [];
  for (let at = from; at < from + count; ) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 <= from + count) size *= 2;
    out.push([at, size]);
    at += size;
  }
  return out;
}

/** `addresses` is a power of two from 4,096 to 1,048,576; anything else is a Fault. */
export function makeCountry(addresses: number): readonly CountryIsp[] {
  if (!Number.isInteger(Math.log2(addresses)) || addresses < LEAST_ADDRESSES || addresses > MOST_ADDRESSES)
    throw new Fault(
      'usage',
      `a country of ${addresses} addresses cannot be made`,
      `choose a power of two from ${LEAST_ADDRESSES} to ${MOST_ADDRESSES}, for example 65536`,
    );
  const unit = addresses / 16;
  let part = 0;
  return SHARES.map(({ parts, ...isp }) => {
    const prefixes = alignedBlocks(part, parts).map(([from, size]) => {
      const length = 32 - Math.log2(size * unit);
      return formatPrefix({ family: 4, base: BigInt(BASE + from * unit), length });
    });
    part += parts;
    return { ...isp, prefixes };
  });
}

/** First and last (inclusive) address of each prefix of an ISP. */
export const rangesOf = (isp: CountryIsp): { from: number; to: number }[] =>
  isp.prefixes.map(text => {
    const prefix = parsePrefix(text);
    if (!prefix) throw new RangeError(`${text} is no prefix`);
    const from = Number(prefix.base);
    return { from, to: from + 2 ** (32 - prefix.length) - 1 };
  });

/** No line is ever given a first or last address of a /24, so these five answer only if the machine itself does. */
export const emptyAddresses = (country: readonly CountryIsp[]): string[] =>
  country.map(isp => formatIpv4(rangesOf(isp)[0]?.from ?? BASE));

export const mayBeGiven = (address: number): boolean => (address & 255) !== 0 && (address & 255) !== 255;
