/**
 * The files `notice sweep` reads besides the paper: a list of addresses instead of the mandate's ranges, and the operator's
 * canaries. Lines are one address (a canary: address and port), `#` begins a comment. In: files and gates. Out: a HitList,
 * with each line that cannot be asked told with file and number and passed over; or canaries, or a Fault naming the line.
 */
import { createReadStream } from 'node:fs';
import type { CompiledGate } from '../mandate/gate.ts';
import type { Gate6 } from '../mandate/gate6.ts';
import { readText } from '../mandate/json-file.ts';
import { type Address, parseAddress, parseIpv4, parsePrefix, plainAddress } from '../record/address.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { type HitList, makeList } from '../survey/sweep/list/hit-list.ts';
import type { SweepOptions } from '../survey/sweep/sweep-options.ts';
import { linesIn } from './probe-input.ts';

export interface Gates {
  readonly ipv4: CompiledGate;
  /** Where the mandate names IPv6 that may be probed. */
  readonly ipv6: Gate6 | undefined;
}

export interface Targets {
  readonly list: HitList;
  /** Lines that are no address, stand twice, or lie outside the mandate. */
  readonly bad: number;
}

const content = (line: string): string => line.replace(/#.*$/, '').trim();

/** The address on a line, or why it is none. */
export function targetOf(text: string): Address | string {
  const address = parseAddress(text);
  if (address?.family === 6 && plainAddress(text) !== text)
    return `is IPv4 in other clothes; write ${plainAddress(text)}`;
  if (address) return address;
  if (text.includes('%')) return 'has a zone, which only means something on one machine';
  if (parsePrefix(text)) return 'is a prefix; a list has single addresses';
  return 'is no address';
}

const WHY = {
  'outside-scope': 'lies outside the mandate',
  reserved: 'lies in reserved space, which nobody may probe',
} as const;

/** Why an address is no target of this mandate, and whose it is. What is excluded is: it is counted when its turn comes. */
function placeOf(gates: Gates, { family, value }: Address, port: number): { isp: string } | string {
  if (family === 6) {
    const refusal = gates.ipv6 ? gates.ipv6.refusesAddress(value) : 'outside-scope';
    if (refusal !== undefined && refusal !== 'excluded') return WHY[refusal];
    return { isp: gates.ipv6?.ispOf(value) ?? '' };
  }
  const refusal = gates.ipv4.refusesFrame(Number(value), port, 'sweep');
  if (refusal === 'outside-scope' || refusal === 'reserved') return WHY[refusal];
  return { isp: gates.ipv4.ispOf(Number(value)) ?? '' };
}

/** `port`: one that may be swept. `tell` hears each bad line. Throws Fault for a file that cannot be read or has no target. */
export async function readTargets(
  files: readonly string[],
  gates: Gates,
  port: number,
  tell: (where: string, why: string) => void,
): Promise<Targets> {
  const maker = makeList();
  let bad = 0;
  gates.ipv4.now();
  for (const file of files) {
    let number = 0;
    const wrong = (why: string): void => {
      bad++;
      tell(`${file}:${number}`, why);
    };
    try {
      for await (const line of linesIn(createReadStream(file), () => {})) {
        number++;
        const text = line === null ? null : content(line);
        if (text === '') continue;
        const address = text === null ? 'is too long for a line' : targetOf(text);
        if (typeof address === 'string') {
          wrong(address);
          continue;
        }
        const place = placeOf(gates, address, port);
        if (typeof place === 'string') wrong(place);
        else if (!maker.add(address, place.isp)) wrong('stands in the list already');
      }
    } catch (thrown) {
      throw thrown instanceof Fault ? thrown : fileFault(thrown, file);
    }
  }
  if (maker.count === 0)
    throw new Fault('input', 'holds no address that may be asked', 'name addresses of the mandate, one a line', {
      where: files.join(', '),
    });
  return { list: maker.done(), bad };
}

type Canaries = NonNullable<SweepOptions['canaries']>;

/** Stops at the first bad line: a recall measured on half of the canaries would look like one. */
export function readCanaries(file: string): Canaries {
  const text = readText(file, 'input', 'name a file of lines such as 192.0.2.1 23');
  const found: Canaries[number][] = [];
  for (const [n, line] of text.split(/\r?\n/).entries()) {
    const words = content(line);
    if (words === '') continue;
    const [addressText = '', portText = '', more] = words.split(/[\s:]+/);
    const address = parseIpv4(addressText);
    const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
    if (address === undefined || port < 1 || port > 65_535 || more !== undefined)
      throw new Fault('input', `"${words}" is no canary`, 'write address and port, such as 192.0.2.1 23', {
        where: `${file}:${n + 1}`,
      });
    if (found.some(c => c.address === address && c.port === port))
      throw new Fault('input', `"${words}" stands twice`, 'name each canary once', { where: `${file}:${n + 1}` });
    found.push({ address, port });
  }
  if (found.length === 0)
    throw new Fault('input', 'holds no canary', 'write address and port, such as 192.0.2.1 23', { where: file });
  return found;
}
