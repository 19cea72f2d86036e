import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SpoolRecord } from '../record/observation.ts';
import { secretIn, signingKeyIn } from './key-folder.ts';
import { openHits } from './round-files.ts';
import { openSpool, readSpool, roundFolder } from './spool.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-spool-'));
after(() => rmSync(dir, { recursive: true }));
const at = (name: string) => join(dir, name);

const base = { round: 'r', lineKey: 'k', port: 23, protocol: 'telnet', at: 1, vendor: null, model: null } as const;
function service(n: number, found: boolean): SpoolRecord[] {
  const observation = {
    ...base,
    ...{ id: `observation-${n}`, shard: 0, reported: found ? ('positive' as const) : ('clear' as const), prompt: true },
    ...{ firmwareState: null, catalogueVersion: 'c', clears: [], isp: '日本' },
  };
  if (!found) return [{ type: 'observation', observation }];
  const finding = { ...base, id: `finding-${n}`, isp: 'a', kind: 'guessable' as const, ruleCodes: [], sealed: 'x' };
  return [
    { type: 'observation', observation },
    { type: 'finding', finding },
    { type: 'pair', pair: { findingId: `finding-${n}`, catalogueVersion: 'c', ordinal: 1 } },
  ];
}
const sweep: SpoolRecord = {
  type: 'sweep',
  sweep: { round: 'r', shard: 0, total: 1, sent: 1, excluded: 0, answered: 1, done: true },
};
const idOf = (r: SpoolRecord): string =>
  r.type === 'observation' ? r.observation.id : r.type === 'finding' ? r.finding.id : r.type;

test('cut at any byte, a service is in the spool whole or will be checked again, and nothing is there twice', () => {
  const whole = at('whole');
  const work = (file: string) => {
    const spool = openSpool(file);
    spool.append([sweep]);
    for (let n = 0; n < 3; n++) if (!spool.has(`observation-${n}`)) spool.append(service(n, n !== 1));
    return spool;
  };
  work(whole);
  const bytes = readFileSync(whole);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const file = at('cut');
    writeFileSync(file, bytes.subarray(0, cut));
    const { sums } = work(file);
    const records = [...readSpool(file)];
    assert.deepEqual(records.map(idOf).sort(), [...readSpool(whole)].map(idOf).sort(), `cut at ${cut}`);
    assert.deepEqual([sums.findings, sums.prompts, sums.reported.positive, sums.reported.clear], [2, 3, 2, 1]);
    rmSync(file);
  }
});

test('a torn hit does not swallow the next one', () => {
  const state = at('state');
  const folder = roundFolder(state, 'r');
  assert.throws(() => openHits(state, 'r').add({ address: '127.0.0.1', port: 23, at: 1 }), { code: 'input' });
  signingKeyIn(folder, 'x');
  for (const torn of ['', '1', '127.0.0.1 23', '127.0.0.1 23 17']) {
    writeFileSync(join(folder, 'hits'), `127.0.0.9 23 5\n${torn}`);
    const hits = openHits(state, 'r');
    hits.add({ address: '127.0.0.2', port: 23, at: 6 });
    hits.add({ address: '127.0.0.2', port: 23, at: 7 });
    assert.deepEqual(
      hits.all().map(hit => [hit.address, hit.at]),
      [
        ['127.0.0.9', 5],
        ['127.0.0.2', 7],
      ],
    );
  }
});

test('keys and secrets are made once; a damaged secret is refused, not used', () => {
  const folder = at('keys');
  const random = (n: number) => new Uint8Array(n).fill(7);
  const secret = secretIn(folder, 'recognition', random);
  assert.equal(secret.length, 32);
  assert.deepEqual(
    secretIn(folder, 'recognition', n => new Uint8Array(n)),
    secret,
  );
  assert.equal(signingKeyIn(folder, 'prober').key, signingKeyIn(folder, 'prober').key);
  for (const text of ['', 'ab', 'zz'.repeat(32)]) {
    writeFileSync(join(folder, 'recognition.secret'), text);
    assert.throws(() => secretIn(folder, 'recognition', random), { code: 'input' });
  }
  appendFileSync(join(folder, 'prober.key.json'), '}');
  assert.throws(() => signingKeyIn(folder, 'prober'), { code: 'input' });
});
