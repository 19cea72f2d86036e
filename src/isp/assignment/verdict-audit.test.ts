import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { scannedLogs } from '../../../test/fixtures/scanned-logs.ts';
import { type Asked, identifyAll } from './identify-all.ts';
import { inputsDigest } from './inputs-digest.ts';
import { forgetVerdicts, keyFileOf, openVerdictAudit, readVerdicts } from './verdict-audit.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-verdicts-'));
after(() => rmSync(dir, { recursive: true, force: true }));
let made = 0;
const T = 1_790_000_000_000;
const random = (bytes: number) => new Uint8Array(bytes).fill(7);

const listed = [
  { of: '192.0.2.1/32', who: 'the-neighbour-4711', from: T - 9_000, to: T + 9_000 },
  { of: '192.0.2.1/32', who: 'somebody-else', from: T + 20_000, to: T + 90_000 },
];
const pools = [{ prefix: '192.0.2.0/24', pool: 'dedicated', log: 'csv' } as const];
function asked(instants: readonly number[], holds = listed): Asked[] {
  const all: Asked[] = [];
  identifyAll(
    scannedLogs(pools, holds),
    instants.map(at => ({ address: '192.0.2.1', port: 80, at, clockErrorMs: 0 })),
    all,
  );
  return all;
}
function written(instants: readonly number[], more: { holds?: typeof listed; chance?: typeof random } = {}): string {
  const file = join(dir, `${++made}.audit`);
  const audit = openVerdictAudit(file, more.chance ?? random);
  for (const [n, one] of asked(instants, more.holds).entries()) audit.append(T + n, 'bundle', `case-${n}`, one);
  audit.sync();
  audit.close();
  return file;
}
const facts = (file: string) => readVerdicts(file).lines.map(l => [l.verdict, l.question, l.inputs]);

test('one line a question, with neither line, address nor instant in the clear', () => {
  const file = written([T, T + 15_000, T + 50_000]);
  const text = readFileSync(file, 'utf8');
  assert.deepEqual(
    readVerdicts(file).lines.map(l => [l.seq, l.verdict]),
    [
      [1, 'unique'],
      [2, 'none_gap'],
      [3, 'unique'],
    ],
  );
  assert.doesNotMatch(text, /neighbour|somebody|192\.0\.2|subscriber/);
  assert.equal(text.includes(String(T + 15_000)), false);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(keyFileOf(file)).mode & 0o777, 0o600);
});

test('a re-run on the same logs gives the same verdict and digest; another hold, even out of reach of the verdict, another', () => {
  const instants = [T, T + 15_000, T + 50_000];
  assert.deepEqual(facts(written(instants)), facts(written(instants)));
  const one = asked([T], [...listed, listed[0] as (typeof listed)[0]])[0] as Asked;
  const turned = one.steps.map(s => ({ ...s, holds: s.holds.toReversed() }));
  assert.equal(
    inputsDigest(random(32), turned),
    inputsDigest(random(32), one.steps),
    'whatever the order in the index',
  );
  const other = [...listed, { of: '192.0.2.1/32', who: 'the-neighbour-4711', from: T - 8_000, to: T + 8_000 }];
  const [before, after] = [facts(written(instants)), facts(written(instants, { holds: other }))];
  assert.deepEqual([before[0]?.slice(0, 2), before[1]], [after[0]?.slice(0, 2), after[1]]);
  assert.notEqual(before[0]?.[2], after[0]?.[2]);
  const elsewhere = facts(written(instants, { chance: bytes => new Uint8Array(bytes).fill(8) }));
  assert.notEqual(before[0]?.[1], elsewhere[0]?.[1], 'another key tells nothing');
});

test('any edit, line gone, doubled or moved is seen; a torn end is cut and written over', () => {
  const file = written([T, T + 15_000, T + 50_000, T + 60_000]);
  const good = readFileSync(file);
  const lines = good.toString().split('\n').slice(0, -1);
  const bad = (text: string | Buffer) => {
    writeFileSync(file, text);
    return readVerdicts(file).firstBad !== undefined;
  };
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const spoilt = Buffer.from(good);
      spoilt[at] = (spoilt[at] as number) ^ flip;
      const cut = at === good.length - 1 && flip !== 0;
      assert.ok(bad(spoilt) || cut, `byte ${at}`);
    }),
  );
  const text = (some: readonly string[]) => some.map(l => `${l}\n`).join('');
  assert.ok(bad(text(lines.toSpliced(1, 1))) && bad(text(lines.toSpliced(1, 0, lines[1] as string))));
  assert.ok(bad(text([lines[1], lines[0], lines[2]] as string[])));
  assert.throws(() => openVerdictAudit(file, random), /audit:1: is not the next one/);
  writeFileSync(file, good);
  appendFileSync(file, '{"at":17');
  const audit = openVerdictAudit(file, random);
  audit.append(T, 'ask', 'paper-1', asked([T])[0] as Asked);
  audit.close();
  assert.deepEqual(
    readVerdicts(file).lines.map(l => l.seq),
    [1, 2, 3, 4, 5],
  );
  assert.equal(readVerdicts(file).firstBad, undefined);
});

test('after a year the old lines go, and the chain of the rest still holds and goes on', () => {
  const file = written([T, T + 15_000, T + 50_000, T + 60_000]);
  assert.equal(forgetVerdicts(file, T), 0);
  assert.equal(forgetVerdicts(file, T + 2), 2);
  assert.deepEqual(
    readVerdicts(file).lines.map(l => l.seq),
    [3, 4],
  );
  assert.equal(forgetVerdicts(file, T + 99), 2);
  const audit = openVerdictAudit(file, random);
  audit.append(T, 'ask', 'paper-1', asked([T])[0] as Asked);
  audit.close();
  assert.deepEqual([readVerdicts(file).lines.map(l => l.seq), readVerdicts(file).firstBad], [[5], undefined]);
});
