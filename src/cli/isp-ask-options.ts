/** The options that `notice isp ask` and `approve` share: an address, a port, an instant, or a Fault that says how to write it. */
import { isOpenSpace, spaceOf } from '../mandate/special-space.ts';
import {
  type Address,
  formatAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
} from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import { type Instant, instantOf } from '../record/instant.ts';

export function instant(text: string, option: string): Instant {
  const at = instantOf(text);
  if (at !== undefined) return at;
  throw new Fault(
    'usage',
    `${option} "${text}" is no instant`,
    'write it with a zone, such as 2026-11-22T10:30:00+09:00',
  );
}

/** `text` is canonical, so that two spellings of one address are one. */
export function placeOption(text: string): { readonly address: Address; readonly text: string } {
  const address = parseAddress(text);
  if (address) return { address, text: formatAddress(address) };
  throw new Fault('usage', `"${text}" is no address`, 'write it such as 192.0.2.1 or 2001:db8::1');
}

export function portOption(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Fault('usage', `"${text}" is no port`, 'write a number from 0 to 65535');
}

/** Loopback, unique local (RFC 4193), documentation (RFC 3849, RFC 9637). */
const OPEN_6 = ['::1/128', 'fc00::/7', '2001:db8::/32', '3fff::/20'].map(text => parsePrefix(text) as Prefix);

/** Nobody's address: a rehearsal's, which may be asked about by hand. */
export const isRehearsalSpace = (address: Address): boolean =>
  address.family === 4
    ? isOpenSpace(spaceOf(Number(address.value)))
    : OPEN_6.some(prefix => prefixContains(prefix, address));
