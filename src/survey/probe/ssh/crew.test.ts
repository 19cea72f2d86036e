import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { test } from 'node:test';

test('a thread without an errand keeps no process alive, and without a gate an errand comes back with nothing', () => {
  const crew = new URL(`./crew${extname(import.meta.url)}`, import.meta.url).href;
  const script = `
    const { openCrew } = await import(${JSON.stringify(crew)});
    const clocks = { calendar: Date.now, monotonic: () => performance.now() };
    const errand = { address: '127.0.0.1', port: 1, act: 'attempt', credential: { user: 'admin', password: 'CNRY-11' } };
    console.log(await openCrew(1).send(errand, { tables: { mandate: {} } }, clocks, undefined));
  `;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 20_000 });
  assert.deepEqual([ran.status, ran.stdout.trim(), ran.signal], [0, 'undefined', null], ran.stderr);
  assert.doesNotMatch(ran.stderr, /CNRY/);
});
