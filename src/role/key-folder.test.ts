import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const MODULE = new URL(`./key-folder${extname(import.meta.url)}`, import.meta.url).href;
/** Begins when all have come, so that they make the keys of each folder at the same moment; says what each came to. */
const THREAD = `const { parentPort, workerData: { module, folders, here, threads } } = require('node:worker_threads');
import(module).then(({ secretIn, signingKeyIn }) => {
  const said = folders.map((folder, n) => {
    Atomics.add(here, n, 1);
    for (const late = Date.now() + 2_000; Atomics.load(here, n) < threads && Date.now() < late; );
    try {
      const secret = secretIn(folder, 'recognition', length => require('node:crypto').randomBytes(length));
      return Buffer.from(secret).toString('hex') + ' ' + signingKeyIn(folder, 'prober').key;
    } catch (thrown) {
      return String(thrown);
    }
  });
  parentPort.postMessage(said);
});`;

test('threads that make the keys of a new folder at the same moment all have the same', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-keys-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const threads = 2;
  const folders = Array.from({ length: 60 }, (_, n) => join(dir, String(n)));
  const here = new Int32Array(new SharedArrayBuffer(4 * folders.length));
  const workerData = { module: MODULE, folders, here, threads };
  const said = await Promise.all(
    Array.from({ length: threads }, async () => {
      const [message] = await once(new Worker(THREAD, { eval: true, workerData }), 'message');
      return message as string[];
    }),
  );
  for (const [n, folder] of folders.entries()) {
    assert.match(said[0]?.[n] ?? '', /^[0-9a-f]{64} /);
    assert.equal(said[1]?.[n], said[0]?.[n]);
    assert.deepEqual(readdirSync(folder).sort(), ['prober.key.json', 'recognition.secret']);
  }
});
