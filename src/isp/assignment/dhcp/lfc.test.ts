/**
 * A server that compacts, against a reader that comes when it likes. The server's rows are what Kea 2.2 was seen to write: a
 * release and a deletion carry the instant of the last renewal; a list has each lease once. Whatever is read, and in whatever order:
 * never is anybody named who was not there.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpv4 } from '../../../record/address.ts';
import type { Held } from '../event.ts';
import { makeLeaseFolder } from './fold.ts';
import { keaFormat } from './kea.ts';
import { readText } from './reading.ts';

const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id';
const BASE = 0x0a000000;
const LIFE = 600;
const LFC = 400;
const START = 1_790_000_000;

interface Row {
  readonly address: number;
  readonly who: string;
  readonly at: number;
  readonly life: number;
  readonly state: number;
}
interface Stay {
  readonly address: number;
  readonly who: string;
  readonly from: number;
  readonly to: number;
}
interface Files {
  readonly at: number;
  readonly list: readonly Row[];
  readonly journal: readonly Row[];
}

const text = (rows: readonly Row[]) =>
  [
    HEADER,
    ...rows.map(r => `${formatIpv4(BASE + r.address)},,${r.who},${r.life},${r.at + r.life},1,0,0,,${r.state},,0`),
  ].join('\n');

/** Every change of the files, and who really was where. */
function world(random: () => number, seconds: number, addresses: number) {
  const stays: Stay[] = [];
  const written: { when: number; row: Row }[] = [];
  for (let address = 0; address < addresses; address++) {
    let now = START + Math.floor(random() * 200);
    while (now < START + seconds) {
      const who = `c${Math.floor(random() * 3)}`;
      const from = now;
      let renewed = now;
      const write = (when: number, row: Partial<Row>) =>
        written.push({ when, row: { address, who, at: renewed, life: LIFE, state: 0, ...row } });
      write(now, {});
      const leaves = now + 1 + Math.floor(random() * random() * 4_000);
      while (renewed + LIFE / 2 < leaves) {
        renewed += LIFE / 2;
        write(renewed, {});
      }
      const gone = random();
      let to = leaves;
      if (gone < 0.6) {
        write(leaves, { life: 0, state: random() < 0.5 ? 0 : 3 });
        now = leaves + (random() < 0.5 ? 0 : Math.floor(random() * 60));
      } else {
        to = Math.min(leaves, renewed + LIFE);
        now = renewed + LIFE + Math.floor(random() * 100);
        if (random() < 0.7) write(now, { state: 2 });
      }
      stays.push({ address, who, from, to });
    }
  }
  written.sort((a, b) => a.when - b.when);
  const held = new Map<number, Row>();
  const files: Files[] = [];
  let list: Row[] = [];
  let journal: Row[] = [];
  let rotates = START + LFC;
  for (const { when, row } of written) {
    for (; rotates <= when; rotates += LFC) {
      for (const r of journal) {
        if (r.life === 0) held.delete(r.address);
        else held.set(r.address, r);
      }
      list = [...held.values()].sort((a, b) => a.address - b.address);
      journal = [];
      files.push({ at: rotates, list, journal });
    }
    journal = [...journal, row];
    files.push({ at: when, list, journal });
  }
  return { stays, files, first: START, last: START + seconds };
}

function seeded(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The definition of `unique`, without tolerance. */
function uniqueAt(held: readonly Held[], address: number, ms: number): string | undefined {
  const here = held.filter(
    h => h.holder.family === 4 && h.holder.address === BASE + address && h.possibleFrom <= ms && ms <= h.possibleTo,
  );
  const who = here[0]?.subscriber;
  if (!who || here.some(h => h.subscriber !== who)) return undefined;
  return here.some(h => h.sureFrom <= ms && ms <= h.sureTo) ? who : undefined;
}

interface Tally {
  asked: number;
  unique: number;
}

function ask(held: readonly Held[], { stays, last }: ReturnType<typeof world>, upTo: number, tally: Tally): void {
  for (const { address, who, from, to } of stays)
    for (let at = from + 2; at < Math.min(to, upTo, last); at += 61) {
      tally.asked++;
      const named = uniqueAt(held, address, at * 1_000 + 500);
      if (named === undefined) continue;
      tally.unique++;
      if (named === who) continue;
      const there = stays.filter(s => s.address === address && s.from <= at && at <= s.to);
      assert.ok(
        there.some(s => s.who === named),
        JSON.stringify({ address, at, named, who, held: held.length }),
      );
    }
}

/** How a reader goes about it. */
const habits = ['list and journal', 'list alone', 'journal alone', 'journal first'] as const;

test('a reader that comes now and then names nobody who was not there', t => {
  const tallies = new Map<string, Tally>();
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...habits), fc.constantFrom(50, 300, 1_500), (seed, habit, pause) => {
      const random = seeded(seed);
      const made = world(random, 8_000, 3);
      let folder = makeLeaseFolder();
      const held: Held[] = [];
      /** As the importer: bytes that were read before are not read again. */
      const known = new Set<string>();
      let upTo = 0;
      const read = (rows: readonly Row[], name: string) => {
        let begins = 0;
        for (let n = rows.length; n > 0; n--)
          if (known.has(text(rows.slice(0, n)))) {
            begins = n;
            break;
          }
        if (begins === rows.length) return;
        const muted = begins === 0 ? folder : undefined;
        if (muted) readText(keaFormat, text(rows), { journalSeconds: LFC }, name, folder);
        else {
          const parser = keaFormat.open(name, { journalSeconds: LFC });
          for (const [n, line] of text(rows).split('\n').entries()) {
            const result = parser.line?.(line, n + 1) ?? [];
            if (n > begins && !('refused' in result)) for (const event of result) folder.take(event);
          }
          for (const one of parser.end(true)) if ('what' in one) folder.take(one);
        }
        known.add(text(rows));
      };
      for (let now = START + Math.floor(random() * 500); now < made.last; now += 1 + Math.floor(random() * 2 * pause)) {
        const files = made.files.findLast(f => f.at <= now);
        if (!files) continue;
        if (habit === 'journal first') read(files.journal, 'leases.csv');
        if (habit !== 'journal alone') read(files.list, 'leases.csv.2');
        if (habit !== 'list alone' && habit !== 'journal first') read(files.journal, 'leases.csv');
        held.push(...folder.closed());
        if (random() < 0.3) folder = makeLeaseFolder(JSON.parse(JSON.stringify(folder.save())));
        const rows = [
          ...(habit === 'journal alone' ? [] : files.list),
          ...(habit === 'list alone' ? [] : files.journal),
        ];
        upTo = Math.max(upTo, ...rows.map(r => r.at));
      }
      const tally = tallies.get(`${habit} ${pause}`) ?? { asked: 0, unique: 0 };
      tallies.set(`${habit} ${pause}`, tally);
      ask([...held, ...folder.open()], made, upTo, tally);
    }),
    { numRuns: 400 },
  );
  t.diagnostic(JSON.stringify([...tallies]));
  const often = tallies.get('list and journal 50');
  assert.ok(often && often.unique > 0.5 * often.asked, JSON.stringify([...tallies]));
});
