/**
 * The input of `notice probe`: what `notice sweep --json` prints, from stdin or files. Each bad line is named with its file
 * and number, counted and passed over. A line longer than any target is never held whole,
 * and no line is read before it is wanted. In: files. Out: lines; and how much of the input was taken.
 */
import { createReadStream, fstatSync, statSync } from 'node:fs';
import { z } from 'zod';
import { parseIpv4 } from '../record/address.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { PROTOCOLS } from '../record/glossary.ts';
import type { ProbeLine } from '../role/probe-intake.ts';

const LONGEST = 16 * 1024;
const NO_ADDRESS = 'is not an IPv4 address';
const NO_PORT = 'is not a whole number from 1 to 65535';

/** Measured at 0.6 µs a line: the check of a line is the least of its cost. */
/** Answers of a sweep that are no open port are read and left. */
const CLASSES = ['syn-ack', 'rst', 'icmp'] as const;
const isOther = (aim: object): boolean => 'class' in aim && aim.class !== undefined && aim.class !== 'syn-ack';

const shape = z.object({
  address: z.string(NO_ADDRESS).refine(text => parseIpv4(text) !== undefined, NO_ADDRESS),
  port: z.int(NO_PORT).min(1, NO_PORT).max(65_535, NO_PORT),
  protocol: z.enum(PROTOCOLS, `is not one of ${PROTOCOLS.join(', ')}`).optional(),
  class: z.enum(CLASSES, `is not one of ${CLASSES.join(', ')}`).optional(),
});

export type Aim = Pick<ProbeLine, 'address' | 'port' | 'protocol'>;

const NAMED: ReadonlySet<unknown> = new Set<unknown>([undefined, ...PROTOCOLS]);

/** What nearly every line is. The shape above says what is wrong with any other. */
function isAim(json: unknown): json is Aim {
  if (typeof json !== 'object' || json === null) return false;
  const { address, port, protocol } = json as Record<string, unknown>;
  return (
    typeof address === 'string' &&
    parseIpv4(address) !== undefined &&
    typeof port === 'number' &&
    Number.isInteger(port) &&
    port >= 1 &&
    port <= 65_535 &&
    NAMED.has(protocol) &&
    !isOther(json)
  );
}

/**
 * What a line aims at, or why it is no target; undefined for an answer of a sweep that is no open port. What else stands
 * in it is left alone.
 */
export function aimOf(text: string): Aim | string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (isAim(json)) {
    const { address, port, protocol } = json;
    return protocol === undefined ? { address, port } : { address, port, protocol };
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) {
    const { class: _, ...aim } = parsed.data;
    return isOther(parsed.data) ? undefined : aim;
  }
  const [issue] = parsed.error.issues;
  return issue?.path.length ? `${issue.path.join('.')}: ${issue.message}` : 'is no JSON object';
}

export interface ProbeInput {
  readonly lines: AsyncIterable<ProbeLine>;
  /** Malformed lines so far. */
  readonly bad: () => number;
  /** Bytes of the lines taken so far. */
  readonly taken: () => number;
  /** Bytes of all of it; undefined when that cannot be known, as of a pipe. */
  readonly total: number | undefined;
}

interface Source {
  readonly name: string;
  readonly size: number | undefined;
  open(): AsyncIterable<Buffer>;
}

function sourceOf(name: string, stdin: NodeJS.ReadStream): Source {
  if (name === '-') {
    const size = (): number | undefined => {
      try {
        const stat = fstatSync(0);
        return stat.isFile() ? stat.size : undefined;
      } catch {
        return undefined;
      }
    };
    return { name: 'stdin', size: size(), open: () => stdin };
  }
  try {
    const stat = statSync(name);
    if (stat.isDirectory()) throw new Fault('input', 'is a folder', 'name a file', { where: name });
    return { name, size: stat.isFile() ? stat.size : undefined, open: () => createReadStream(name) };
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, name);
  }
}

/** The lines of some bytes; null for one that is too long. `taken` hears of every byte that is through. */
export async function* linesIn(
  bytes: AsyncIterable<Buffer>,
  taken: (bytes: number) => void,
): AsyncGenerator<string | null> {
  let rest: Buffer = Buffer.alloc(0);
  let long = false;
  for await (const chunk of bytes) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = data.indexOf(10); to >= 0; to = data.indexOf(10, from)) {
      const text = long || to - from > LONGEST ? null : data.toString('utf8', from, to);
      taken(to + 1 - from);
      from = to + 1;
      long = false;
      yield text;
    }
    rest = data.subarray(from);
    if (rest.length > LONGEST) {
      taken(rest.length);
      rest = Buffer.alloc(0);
      long = true;
    }
  }
  taken(rest.length);
  if (long) yield null;
  else if (rest.length > 0) yield rest.toString('utf8');
}

/** `tell` as in readNdjson. Throws Fault('input') at once for a file that cannot be read. */
export function probeInput(
  names: readonly string[],
  stdin: NodeJS.ReadStream,
  tell: (where: string, why: string) => void | Promise<void>,
): ProbeInput {
  const sources = names.map(name => sourceOf(name, stdin));
  let bad = 0;
  let taken = 0;
  async function* lines(): AsyncGenerator<ProbeLine> {
    for (const { name, open } of sources) {
      let line = 0;
      const through = (bytes: number): void => {
        taken += bytes;
      };
      try {
        for await (const text of linesIn(open(), through)) {
          line++;
          if (text !== null && text.trim() === '') continue;
          const aim = text === null ? `is longer than ${LONGEST} characters` : aimOf(text);
          if (aim === undefined) continue;
          if (typeof aim === 'string') {
            bad++;
            await tell(`${name}:${line}`, aim);
          } else yield { file: name, line, ...aim };
        }
      } catch (thrown) {
        throw thrown instanceof Fault ? thrown : fileFault(thrown, name);
      }
    }
  }
  const sizes = sources.map(source => source.size);
  const total = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return { lines: lines(), bad: () => bad, taken: () => taken, total };
}
