import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Command } from 'commander';
import { labClocks, makeLab, NOW } from '../../test/mandate/lab-paper.ts';
import { openAudit } from '../mandate/audit.ts';
import { Fault } from '../record/fault.ts';
import { isoOf } from '../record/instant.ts';
import { auditCommand } from './audit.ts';
import { mandateCommand } from './mandate.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-cli-mandate-'));
after(() => rmSync(dir, { recursive: true }));
const at = (name: string) => join(dir, name);

function strict(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const child of command.commands) strict(child);
  return command;
}

/** Runs a command and returns what it wrote to stdout. */
function run(command: Command, ...args: string[]): string {
  const write = process.stdout.write;
  let text = '';
  process.stdout.write = ((part: string) => {
    text += part;
    return true;
  }) as typeof write;
  try {
    strict(command).parse(args, { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return text;
}
const mandate = (...args: string[]) => run(mandateCommand(), ...args);
const faultOf = (work: () => unknown): Fault => {
  try {
    work();
  } catch (thrown) {
    assert.ok(thrown instanceof Fault, String(thrown));
    return thrown;
  }
  return assert.fail('no fault');
};

test('from keys to a mandate that holds, only with these commands', () => {
  for (const who of ['operator', 'authority', 'isp-a']) mandate('keys', at('keys'), '--for', who);
  assert.equal(statSync(at('keys/operator.key.json')).mode & 0o777, 0o600);
  assert.equal(faultOf(() => mandate('keys', at('keys'), '--for', 'operator')).exit, 4);
  const pub = (name: string) => at(`keys/${name}.pub.json`);
  mandate(
    'trust',
    '--operator',
    pub('operator'),
    '--authority',
    pub('authority'),
    '--isp',
    `isp-a=${pub('isp-a')}`,
    '--within',
    '192.0.2.0/24',
    '--within',
    '8.8.8.0/24',
    '--out',
    at('trust.json'),
  );
  mkdirSync(at('consents'));
  mandate(
    'consent',
    '--isp',
    'isp-a',
    '--key',
    at('keys/isp-a.key.json'),
    '--sealing',
    pub('isp-a.sealing'),
    '--prefix',
    '192.0.2.0/24:dynamic',
    '--prefix',
    '8.8.8.0/24:cgn',
    '--at',
    isoOf(NOW),
    '--out',
    at('consents/isp-a.json'),
  );
  writeFileSync(at('catalogue.json'), '{"version":"c-1","pairs":[]}');
  writeFileSync(at('exclusions.txt'), '192.0.2.3\n');
  const file = at('mandate.json');
  mandate(
    'draft',
    '--isp',
    'isp-a=192.0.2.0/25,8.8.8.0/30',
    '--source',
    '192.0.2.200',
    '--port',
    '23:telnet',
    '--catalogue',
    at('catalogue.json'),
    '--published',
    isoOf(NOW),
    '--out',
    file,
  );
  const sign = (as: string, key = as) => mandate('sign', file, '--key', at(`keys/${key}.key.json`), '--as', as);
  assert.match(faultOf(() => sign('operator')).message, /mandate\.json:5: "body.legalBasis" is not filled in yet/);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('FILL IN: ', ''));
  sign('operator');
  const then = isoOf(NOW + 10 * 86_400_000);
  const check = (...more: string[]) => mandate('check', file, '--at', then, ...more);
  assert.match(faultOf(check).message, /the authority has not signed/);
  assert.match(faultOf(() => sign('authority', 'operator')).message, /this key has signed already/);
  sign('authority');
  const words = check();
  assert.match(words, /127 of 132 addresses; consent good for 30 day/);
  assert.match(words, /1 excluded/);
  assert.match(words, /4 globally routed: compile to nothing, because no proof of who holds them/);
  assert.match(words, /port 23 \(telnet\): see whether it answers/);
  assert.match(words, /Never:\n/);
  const record = JSON.parse(check('--json')) as { valid: boolean; isps: { allowed: number; unproven: number }[] };
  assert.deepEqual([record.valid, record.isps[0]?.allowed, record.isps[0]?.unproven], [true, 127, 4]);
  assert.equal(faultOf(() => mandate('check', file, '--at', isoOf(NOW))).exit, 3);
  assert.match(
    faultOf(() => mandate('check', file, '--at', isoOf(NOW + 40 * 86_400_000))).message,
    /the mandate expired|consent of "isp-a" expired/,
  );
  assert.equal(existsSync(at('consents/isp-a.json')), true);
});

test('wrong usage says what is wrong', () => {
  for (const args of [
    ['keys', dir, '--for', 'ISP A'],
    ['draft', '--isp', 'isp-a=192.0.2.1/24'],
    ['draft', '--port', '23:gopher'],
    ['draft', '--published', 'yesterday'],
    ['check', 'x', '--at', '2026-11-01'],
  ])
    assert.equal(faultOf(() => mandate(...args)).exit, 2, args.join(' '));
  assert.throws(() => mandate('sign', 'x', '--key', 'y', '--as', 'both'), { exitCode: 1 });
  assert.throws(() => mandate('trust', '--out', 'x'), { exitCode: 1 });
});

test('a signed mandate of the lab checks, with its limits beside the ceilings', () => {
  const lab = makeLab({
    isps: [{ isp: 'isp-a', prefixes: ['192.0.2.0/24'] }],
    body: { hours: { from: '13:00', to: '14:00' } },
  });
  const words = mandate('check', lab.mandate, '--at', isoOf(NOW));
  assert.match(words, /Nothing may leave at this moment: outside-hours/);
  assert.match(words, /packets a second, in total: 5,000 \(ceiling 20,000\)/);
  lab.remove();
});

test('audit verify: the root when it holds, the first bad line and exit 3 when not', () => {
  const file = at('audit.log');
  const audit = openAudit(file, labClocks());
  audit.append('a', {});
  audit.append('b', {});
  const { root } = audit.root();
  audit.close();
  const verify = (...more: string[]) => run(auditCommand(), 'verify', file, ...more);
  assert.match(verify(), new RegExp(`2 entries.*\\nroot ${root}`));
  assert.equal((JSON.parse(verify('--json')) as { ok: boolean }).ok, true);
  verify('--root', root, '--entries', '2');
  assert.equal(faultOf(() => verify('--root', root)).exit, 2);
  assert.equal(faultOf(() => verify('--root', root, '--entries', '1')).exit, 3);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"b"', '"c"'));
  const fault = faultOf(() => verify());
  assert.equal(fault.exit, 3);
  assert.match(fault.message, /audit\.log:2: .*edited/);
});

test('every command has help with an example', () => {
  const each = (command: Command): Command[] => [command, ...command.commands.flatMap(each)];
  for (const command of [...mandateCommand().commands, ...auditCommand().commands].flatMap(each)) {
    let help = '';
    command.configureOutput({ writeOut: text => (help += text) });
    command.outputHelp();
    assert.match(help, /Example:\n {2}notice /, command.name());
  }
});
