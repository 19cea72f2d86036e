import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { problems } from './check-rules.ts';
import { HINTS } from './deceptive.ts';
import { identify } from './identify.ts';
import { isLinear } from './linear.ts';
import { RULES } from './rules.ts';

test('every rule keeps its word', () => assert.deepEqual(problems(), []));

test('a rule that breaks its word is found', () => {
  const rule = RULES[0] as (typeof RULES)[number];
  const broken = { ...rule, examples: ['nothing of the kind'], counterExamples: [rule.examples[0] as string] };
  assert.equal(problems([broken]).length, 2);
  assert.match(problems([{ ...rule, pattern: /(a+)+$/ }]).join('\n'), /not certainly linear/);
});

test('firmware comes from Server, the model from wherever it is said', () => {
  const { device } = identify({ protocol: 'http', realm: 'TN-1600', server: 'TN-1600/FW 1.04.12' });
  assert.deepEqual(
    [device.vendor, device.model, device.firmware, device.rule],
    ['Tsukuba Net', 'TN-1600', '1.04.12', 'tsukuba-tn1600-server'],
  );
  assert.ok(device.confidence > 0.95 && device.confidence < 1);
  assert.equal(identify({ protocol: 'http', realm: 'TN-1600' }).device.firmware, undefined);
});

test('a bare prompt names nobody, and two products at once are none', () => {
  for (const telnet of ['login: ', 'Username: ', '\r\nWelcome\r\nlogin: '])
    assert.deepEqual(identify({ protocol: 'telnet', telnet }).device, { confidence: 0 });
  const both = { protocol: 'http', realm: 'AK-DVR4', server: 'TN-1600/FW 1.04.12' } as const;
  assert.deepEqual(identify(both), { device: { confidence: 0 }, offLimits: false, deceptive: true });
});

test('SSH and FTP name a device by what they open with', () => {
  const ssh = identify({ protocol: 'ssh', ssh: 'SSH-2.0-AK-DVR4_3.1.0\r\n' }).device;
  assert.deepEqual([ssh.vendor, ssh.model, ssh.firmware], ['Akebono', 'AK-DVR4', '3.1.0']);
  assert.equal(identify({ protocol: 'ftp', ftp: '220 Hinoki HR-200 FTP ready\r\n' }).device.model, 'HR-200');
  for (const text of ['SSH-2.0-dropbear_2022.83', 'SSH-2.0-OpenSSH_9.2p1'])
    assert.deepEqual(identify({ protocol: 'ssh', ssh: text }), {
      device: { confidence: 0 },
      offLimits: false,
      deceptive: false,
    });
});

test('what stock decoys say is a hint, and only a hint', () => {
  const hinted = identify({ protocol: 'ssh', ssh: 'SSH-2.0-OpenSSH_6.0p1 Debian-4+deb7u2' });
  assert.deepEqual(hinted, { device: { confidence: 0 }, offLimits: false, deceptive: true });
  assert.ok(identify({ protocol: 'ftp', ftp: '220 Welcome to the ftp service\r\n' }).deceptive);
  assert.ok(!identify({ protocol: 'telnet', telnet: 'SSH-2.0-OpenSSH_6.0p1 Debian-4+deb7u2' }).deceptive);
});

test('a hint that breaks its word is found', () => {
  const hint = HINTS[0] as (typeof HINTS)[number];
  assert.match(problems([], [{ ...hint, examples: ['honest'] }]).join('\n'), /does not match its example/);
  assert.match(problems([], [{ ...hint, counterExamples: hint.examples }]).join('\n'), /its counter-example/);
  assert.match(problems(undefined, [{ ...hint, id: RULES[0]?.id ?? '' }]).join('\n'), /used twice/);
});

test('medical, industrial and printing services are off limits', () => {
  for (const title of ['Office Printer 300', 'Ward 3 patient monitor', 'PLC status'])
    assert.ok(identify({ protocol: 'http', title }).offLimits, title);
  assert.ok(!identify({ protocol: 'http', title: 'Hinoki HR-200' }).offLimits);
});

test('the static check refuses what can explode', () => {
  for (const pattern of [
    /(a{1,9}){1,9}/,
    /a*/,
    /(a+)+/,
    /(?:a|a{2,3}){4}/,
    /(a)\1/,
    /a(?=b)/,
    /a(?<!b)/,
    /a{2,}/,
    /a{1,9999}/,
  ])
    assert.equal(isLinear(pattern), false, pattern.source);
  for (const pattern of [/^a{1,9}b$/, /(?:a|b)?c/, /[*+({]{1,9}x/, /\*\(a{2}/, /(?<name>x{1,3})y/])
    assert.ok(isLinear(pattern), pattern.source);
});

test('any text is answered, and no text comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      const said = {
        protocol: 'http',
        telnet: text,
        ssh: text,
        ftp: text,
        realm: text,
        server: text,
        title: text,
      } as const;
      const { device } = identify(said);
      assert.ok(device.confidence >= 0 && device.confidence < 1);
      if (device.vendor === undefined) assert.deepEqual(Object.keys(device), ['confidence']);
    }),
  );
});
