import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { logsOf } from '../../test/fixtures/isp-desk.ts';
import { ispCase } from '../../test/retention/rows.ts';
import { SAMPLE_ISSUER } from '../isp/alert/sample.ts';
import { importAssignments } from '../isp/assignment/import.ts';
import {
  keyIdOf,
  makeSealingKey,
  makeSigningKey,
  privateKeyObject,
  publicKeyObject,
  readKey,
  readPublicKey,
  writeKey,
} from '../mandate/keys.ts';
import type { Fault } from '../record/fault.ts';
import { DAY } from '../record/instant.ts';
import { readIspConfig, startIspFrom } from '../role/isp-config.ts';
import { linesIn } from '../role/isp-contacts.ts';
import { incidentId, openIncident } from '../role/isp-incident.ts';
import { openDb } from '../role/isp-open.ts';
import { incidentCommand } from './isp-incident.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-cli-incident-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const T = Date.UTC(2026, 10, 24, 1);

/** In this process, which also keeps the store: what it printed, or the fault that ends the program. */
async function notice(...args: string[]): Promise<{ code: string; stdout: string; stderr: string }> {
  const said = { code: '', stdout: '', stderr: '' };
  const write = process.stdout.write;
  const here = process.cwd();
  // The test runner's own reports pass here too, as bytes.
  process.stdout.write = ((part: string | Uint8Array) => {
    if (typeof part !== 'string') return write.call(process.stdout, part);
    said.stdout += part;
    return true;
  }) as typeof write;
  process.chdir(dir);
  try {
    await incidentCommand().parseAsync(args.slice(1), { from: 'user' });
  } catch (thrown) {
    said.code = (thrown as Fault).code;
    said.stderr = (thrown as Fault).message;
  } finally {
    process.stdout.write = write;
    process.chdir(here);
  }
  return said;
}

const centre = makeSigningKey();
const pinned = { key: keyIdOf(centre.publicKey), publicKey: centre.publicKey };
const config = {
  id: 'minato',
  store: { dir: 'store' },
  exchange: 'http://127.0.0.1:1',
  keys: { signing: 'signing.json', sealing: 'sealing.json', subscribers: 'subscribers.json' },
  centreKeys: [pinned],
  proberKeys: [pinned],
  assignments: 'assignments',
  pools: 'pools.json',
  contacts: { byHand: true },
  letters: 'letters',
  smtp: { host: '127.0.0.1', port: 1 },
  deskCapacityPerDay: 10,
  domain: 'minato.example',
  issuer: SAMPLE_ISSUER,
};
writeKey(join(dir, 'signing.json'), makeSigningKey());
writeKey(join(dir, 'sealing.json'), makeSealingKey());
writeFileSync(join(dir, 'pools.json'), '[]');
writeFileSync(join(dir, 'isp.json'), JSON.stringify(config));
const ID = incidentId('one');

test('look, confirm, release by two people, clear: while the agent has the store open', async () => {
  const { db, close } = await openDb(readIspConfig(join(dir, 'isp.json')), name => join(dir, name));
  try {
    assert.equal(statSync(join(dir, 'store', 'isp-login.json')).mode & 0o777, 0o600);
    const row = ispCase('case-1', T, { address: '10.0.0.1', subscriber: '1', why: 'one line held the address' });
    await db
      .insertInto('case')
      .values({ ...row, sources: '["east"]', verdict_digest: 'd'.repeat(32) })
      .execute();
    const held = { of: '10.0.0.1/32', who: 'LINE-0001', from: T - DAY, to: T + DAY, source: 'east' };
    const logs = logsOf([held, { ...held, who: 'LINE-0002', from: T, to: T }], [{ name: 'east' }]);
    await openIncident(db, logs, { id: ID, caseId: 'case-1', toldBy: 'owner' }, T);

    const list = await notice('incident', 'list', '--config', 'isp.json');
    assert.equal(list.code, '', list.stderr);
    assert.match(list.stdout, new RegExp(`${ID}.*owner.*open.*east`));
    const show = await notice('incident', 'show', ID, '--config', 'isp.json');
    assert.match(show.stdout, /asked: who held 10\.0\.0\.1 port 23/);
    assert.match(show.stdout, /the line alerted: sure .*\n.*another line/);
    assert.match(show.stdout, /digest of what it rested on: d{32}/);
    assert.match(show.stdout, /Was somebody else alerted\?/);
    assert.doesNotMatch(show.stdout, /LINE-/);

    assert.equal((await notice('incident', 'confirm', '--config', 'isp.json', '--by', 'Aoki')).code, 'usage');
    const nobody = await notice('incident', 'confirm', 'incident-0', '--by', 'Aoki', '--config', 'isp.json');
    assert.deepEqual([nobody.code, /there is no incident/.test(nobody.stderr)], ['usage', true]);
    const confirm = await notice('incident', 'confirm', ID, '--by', 'Aoki', '--config', 'isp.json');
    assert.match(confirm.stdout, /Every alert of this ISP is halted/);
    const release = (by: string) => notice('incident', 'release', '--by', by, '--config', 'isp.json');
    assert.match((await release('Aoki')).stdout, /second, different person/);
    assert.match((await release('aoki ')).stdout, /second, different person/);
    assert.match((await release('Baba')).stdout, /Released/);
    const clear = await notice('incident', 'clear', ID, '--by', 'Aoki', '--why', 'clock set', '--config', 'isp.json');
    assert.equal(clear.code, '', clear.stderr);
    const again = await notice('incident', 'clear', ID, '--by', 'Aoki', '--why', 'x', '--config', 'isp.json');
    assert.match(again.stderr, /was decided before/);
  } finally {
    await close();
  }
});

test('with nobody else there it opens the store itself; a sheet comes in by line; no agent is needed for that', async () => {
  const list = await notice('incident', 'list', '--json', '--config', 'isp.json');
  const [one] = JSON.parse(list.stdout).incidents;
  assert.deepEqual([one.id, one.state, one.setAside], [ID, 'confirmed', []]);
  writeFileSync(join(dir, 'back.csv'), `alert,outcome\nalert-${'0'.repeat(32)},called\nx,phoned\n`);
  const program = fileURLToPath(new URL(`./notice${extname(import.meta.url)}`, import.meta.url));
  const args = [program, 'isp', 'outcomes', 'back.csv', '--config', 'isp.json'];
  const back = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
  assert.equal(back.status, 4);
  assert.match(back.stderr, /back\.csv:2: no such alert was handed over\n.*back\.csv:3: the outcome is none of/);
  assert.match(back.stdout, /^outcomes taken 0/);
  assert.equal(statSync(join(dir, 'subscribers.json')).mode & 0o777, 0o600, 'the key of the map of lines was made');
  const made = privateKeyObject(readKey(join(dir, 'subscribers.json')));
  writeFileSync(join(dir, 'lines.csv'), 'address,subscriber,from,to\n10.0.0.1,LINE-0001,2026-01-01T00:00:00Z,\n');
  const publicKey = publicKeyObject(readPublicKey(join(dir, 'subscribers.pub.json'), 'X25519').publicKey, 'X25519');
  const logs = join(dir, 'assignments');
  await importAssignments({ format: 'csv', files: [join(dir, 'lines.csv')], dir: logs, through: T, publicKey });
  assert.equal(linesIn(logs, made).nameOf('1'), 'LINE-0001');
  assert.throws(() => linesIn(logs, undefined).nameOf('1'), /names of lines are sealed/);
  assert.equal(linesIn(logs, privateKeyObject(makeSealingKey())).nameOf('1'), undefined, 'another key opens nothing');
});

test('contacts that would leave the machine in clear, or ask for everybody, are refused with the file', async () => {
  for (const [contacts, why] of [
    [{ url: 'http://crm.example/{line}' }, /must be https/],
    [{ database: { url: 'postgresql://u@h/d' }, statement: 'SELECT name FROM customer' }, /isp2\.json: .*\$1/],
    [{ database: { url: 'mysql://h' }, statement: 'SELECT name FROM customer WHERE line = $1' }, /PostgreSQL address/],
  ] as const) {
    writeFileSync(join(dir, 'isp2.json'), JSON.stringify({ ...config, store: { dir: 'store2' }, contacts }));
    const clocks = { calendar: () => T, monotonic: () => 0 };
    await assert.rejects(startIspFrom(join(dir, 'isp2.json'), clocks), why);
  }
});
