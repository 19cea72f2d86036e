/**
 * The assignment logs that each ISP's equipment has kept of a month, five ISPs and five kinds. In: world, folder, month, and
 * how far time has gone. Out: the files of each log so far, oldest first, with what an import must be told.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR, type Instant, isoOf } from '../record/instant.ts';
import type { CountryIsp } from './country.ts';
import { LEASE } from './dhcp.ts';
import { KEA_HEADER, keaRows } from './kea-log.ts';
import type { Stay } from './lines.ts';
import { delegationLog } from './map-plan.ts';
import { insideList, natRecords, REALM } from './nat-log.ts';
import { radiusRecords } from './radius-log.ts';
import type { World } from './world.ts';

export interface AssignmentLog {
  readonly isp: string;
  /** As `notice isp import --format` has it; also the name of the source. */
  readonly format: string;
  readonly files: readonly string[];
  /** The log is complete up to here. */
  readonly through: Instant;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The box is never silent for longer. */
  readonly silenceMs?: number;
}

interface Text {
  readonly format: string;
  /** Before the month, where each month has a file of its own. */
  readonly name: string;
  readonly ending: string;
  readonly monthly: boolean;
  /** First line of every file. */
  readonly head?: string;
  readonly text: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The box is never silent for longer. */
  readonly silenceMs?: number;
}

/** Lines that keep their address: one row each, open at the end. */
const dedicated = (stays: readonly Stay[]): string =>
  ['address,subscriber,from,to']
    .concat(stays.map(s => `${s.address},${s.line.subscriber},${isoOf(s.from)},${s.to === null ? '' : isoOf(s.to)}`))
    .join('\n');

function textsOf(world: World, isp: CountryIsp, from: Instant, until: Instant): Text[] {
  const stays = world.register.ofIsp(isp.id);
  const to = until + 1;
  const list = { format: 'csv', name: 'lines', ending: 'csv', monthly: false };
  switch (isp.log) {
    case 'csv':
      return [{ ...list, text: dedicated(stays) }];
    case 'kea': {
      const text = keaRows(stays, from, to).join('\n');
      // Nothing is compacted, and each file is read to its end.
      const options = { journalSeconds: 0 };
      return [{ format: 'kea', name: 'lease4', ending: 'csv', monthly: true, head: KEA_HEADER, text, options }];
    }
    case 'cgn-juniper': {
      const text = natRecords(stays, from, to).join('\n');
      return [
        {
          format: 'cgn-juniper',
          name: 'nat',
          ending: 'log',
          monthly: true,
          text,
          options: { realm: REALM },
          silenceMs: 26 * HOUR,
        },
        { ...list, text: insideList(stays) },
      ];
    }
    case 'pd': {
      const delegations = stays.map(({ address, from, to, line }) => ({
        address,
        psid: line.place ?? 0,
        subscriber: line.subscriber,
        from,
        to,
      }));
      return [{ format: 'pd', name: 'prefixes', ending: 'csv', monthly: false, text: delegationLog(isp, delegations) }];
    }
    case 'radius-detail': {
      const text = radiusRecords(stays, from, to).join('\n');
      return [{ format: 'radius-detail', name: 'detail', ending: 'log', monthly: true, text }];
    }
  }
}

/** How far each ISP's records are written, beside them. */
const WRITTEN = 'written';

function writtenTo(folder: string): Instant | undefined {
  const file = join(folder, WRITTEN);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

/** Writes DIR/ISP/…: records are appended to the month's file, as equipment does; lists are written anew. */
export function writeLogs(world: World, dir: string, month: string, until: Instant): AssignmentLog[] {
  return world.country.flatMap(isp => {
    const folder = join(dir, isp.id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The first records reach back one lease, so that every line is known when the country begins.
    const before = writtenTo(folder);
    const from = before === undefined ? world.start - LEASE : before + 1;
    const logs = textsOf(world, isp, from, until).map(({ format, name, ending, monthly, head, text, ...told }) => {
      const file = join(folder, monthly ? `${name}-${month}.${ending}` : `${name}.${ending}`);
      if (!monthly) {
        writeFileSync(`${file}.part`, `${text}\n`, { mode: 0o600 });
        renameSync(`${file}.part`, file);
      } else if (text !== '') {
        const first = head !== undefined && !existsSync(file) ? `${head}\n` : '';
        appendFileSync(file, `${first}${text}\n`, { mode: 0o600 });
      }
      // Their names end in the month.
      const files = readdirSync(folder).filter(other => other.startsWith(name) && other.endsWith(ending));
      const log = { isp: isp.id, format, files: files.sort().map(other => join(folder, other)) };
      return { ...log, ...told, through: Math.max(until, before ?? until) };
    });
    if (before === undefined || until > before) writeFileSync(join(folder, WRITTEN), String(until), { mode: 0o600 });
    return logs;
  });
}
