/** The outbox on the real store, where connections do work at the same time and the schema is the shipped one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { exchangeApi } from '../../src/exchange/api.ts';
import { ExchangeClient } from '../../src/exchange/client.ts';
import { queueBundles } from '../../src/exchange/outbox.ts';
import { makeSealingKey, makeSigningKey } from '../../src/mandate/keys.ts';
import { openStore } from '../../src/store/open.ts';
import { caseIdOf, putCase } from './centre-tables.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-outbox-'));
const store = await openStore({ dir: join(dir, 'store') });
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

test('three queue at once, one chain comes out, and the ISP takes it over the interface', async () => {
  const db = store.centre();
  const [signer, signing, sealing] = [makeSigningKey(), makeSigningKey(), makeSealingKey()];
  for (let n = 0; n < 25; n++) await putCase(db, { n });
  const queue = () =>
    queueBundles(db, {
      month: '2026-11',
      now: 5_000,
      auditRoot: '',
      sealing: new Map([['isp-a', sealing.publicKey]]),
      signer,
      codeKey: Buffer.alloc(32, 1),
      codeHashKey: Buffer.alloc(32, 2),
      rowsPerBundle: 6,
    });
  const queued = (await Promise.all([queue(), queue(), queue()])).flat();
  assert.deepEqual(queued.map(b => b.seq).sort(), [1, 2, 3, 4, 5]);
  await putCase(db, { n: 3, state: 'fixed' });
  await putCase(db, { n: 4, round: 'r2' });
  assert.deepEqual(
    (await queue()).map(b => [b.seq, b.rows]),
    [[6, 2]],
  );
  assert.deepEqual(await queue(), []);

  const clocks = { calendar: () => 1_795_000_000_000, monotonic: () => 0 };
  const app = exchangeApi({ db, clocks, isps: { 'isp-a': [{ key: signing.key, publicKey: signing.publicKey }] } });
  const local = (async (input: string | URL | Request, init?: RequestInit) =>
    await app.fetch(new Request(input, init))) as typeof fetch;
  const client = new ExchangeClient({
    baseUrl: 'http://127.0.0.1:1',
    isp: 'isp-a',
    key: signing,
    clocks,
    fetch: local,
  });
  const told: string[] = [];
  const pinned = [{ key: signer.key, publicKey: signer.publicKey }];
  for await (const { manifest, rows, digest } of client.pull(undefined, sealing, pinned)) {
    told.push(...rows.map(row => `${row.caseId} ${row.type === 'case' ? row.change : row.type}`));
    await client.receipt({ seq: manifest.seq, digest, accepted: rows.length, rejected: 0 });
  }
  const expected = Array.from({ length: 25 }, (_, n) => `${caseIdOf(n)} new`);
  assert.deepEqual(told.sort(), [...expected, `${caseIdOf(3)} close`, `${caseIdOf(4)} confirmed`].sort());
  const item = { caseId: caseIdOf(3), revision: 1, verdict: 'unique', action: 'none', day: '2026-11-23' } as const;
  assert.equal((await client.feedback([item])).stored, 1);
  assert.equal((await client.feedback([item])).repeated, 1);
  const states = await db.selectFrom('bundle').select('state').distinct().execute();
  assert.deepEqual(states, [{ state: 'acknowledged' }]);
});
