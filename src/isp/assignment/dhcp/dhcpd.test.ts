import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNTRUSTED } from '../hold.ts';
import { dhcpdFormat } from './dhcpd.ts';
import { makeLeaseFolder } from './fold.ts';
import { holdsOf, readText } from './reading.ts';

const day = (time: string) => `1 2026/11/23 ${time}`;
const ms = (time: string) => Date.parse(`2026-11-23T${time}Z`);
const lease = (address: string, starts: string, ends: string, more: string) =>
  `lease ${address} {\n  starts ${starts};\n  ends ${ends};\n${more}\n}\n`;
const active = (address: string, starts: string, ends: string, uid: string, more = '') =>
  lease(
    address,
    day(starts),
    day(ends),
    `  cltt ${day(starts)};\n  binding state active;\n  next binding state free;\n  hardware ethernet 02:00:5e:00:00:01;\n  uid "${uid}";\n${more}`,
  );
const extents = (text: string) =>
  holdsOf(dhcpdFormat, text)
    .map(h => [h.subscriber, h.possibleFrom, h.sureFrom, h.sureTo, h.possibleTo] as const)
    .sort((a, b) => a[2] - b[2]);

test('grants, renewals and a release with its instant, as a real server writes them', () => {
  const text = `# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

server-duid "\\000\\001\\000\\0012\\226\\222\\201\\202J\\005\\354\\357%";

${active('10.78.0.10', '05:58:25', '06:58:25', '\\001line-1', '  set vendor-class-identifier = "udhcp } 1.35.0";')}
${active('10.78.0.10', '06:28:25', '07:28:25', '\\001line-1')}
${lease('10.78.0.10', day('06:28:25'), day('06:40:00'), '  binding state free;\n  uid "\\001line-1";')}
${active('10.78.0.10', '06:40:00', '07:40:00', '\\001line-3', '  on expiry { set gone = 1; }')}`;
  assert.deepEqual(extents(text), [
    ['01:6c:69:6e:65:2d:31', ms('04:58:25'), ms('05:58:25'), ms('06:40:00'), ms('06:40:00')],
    ['01:6c:69:6e:65:2d:33', ms('06:40:00'), ms('06:40:00'), ms('07:40:00'), ms('07:40:00')],
  ]);
});

test('circuit and remote ids as strings with octal escapes and as hexadecimal lists', () => {
  const named = (more: string, options = {}) =>
    readText(dhcpdFormat, active('10.0.0.1', '01:00:00', '02:00:00', 'x', more), options).events.find(
      e => e.what === 'lease',
    )?.subscriber;
  assert.equal(named('  option agent.circuit-id "slot-7";\n  option agent.remote-id "ML9";'), 'slot-7/ML9');
  assert.equal(named('  option agent.circuit-id "\\000\\004\\"q\\\\";'), '0x000422715c');
  assert.equal(named('  option agent.remote-id 0:4:1f:a0;'), '0x00041fa0');
  assert.equal(named('  option agent.circuit-id zz;'), '', 'what cannot be read names nobody');
  assert.equal(named('  client-hostname "box";', { subscriber: 'hostname' }), 'box');
  assert.equal(named('', { subscriber: 'circuit-id' }), '');
});

test('seconds since 1970, and leases for ever', () => {
  const text = lease(
    '10.0.0.1',
    'epoch 1790000000; # Mon Sep 21 14:13:20 2026',
    'never',
    '  binding state active;\n  uid 01:02;',
  );
  assert.deepEqual(extents(text), [
    ['01:02', 0, 1_790_000_000_000, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ]);
});

test('an abandoned address was answered by somebody unknown', () => {
  const text = `${active('10.0.0.1', '01:00:00', '02:00:00', 'a')}${lease('10.0.0.1', day('01:30:00'), day('03:00:00'), '  binding state abandoned;')}`;
  assert.deepEqual(
    extents(text).find(e => e[0] === ''),
    ['', ms('01:00:00'), 1_000, 0, ms('03:00:00')],
  );
  assert.deepEqual(
    extents(text)
      .find(e => e[0] === '61')
      ?.slice(2),
    [ms('01:00:00'), ms('01:00:00'), ms('01:30:00')],
  );
});

test('partners whose clocks disagree are not believed', () => {
  const partner = (cltt: string) =>
    lease(
      '10.0.0.1',
      day('01:00:00'),
      day('02:00:00'),
      `  tsfp ${day('02:30:00')};\n  atsfp ${day('02:30:00')};\n  cltt ${day(cltt)};\n  binding state active;\n  uid "a";`,
    );
  assert.equal(extents(partner('01:00:30'))[0]?.[2], ms('01:00:30'), 'half a minute is taken off');
  assert.deepEqual(extents(partner('01:20:00'))[0]?.slice(2, 4), [UNTRUSTED.sureFrom, UNTRUSTED.sureTo]);
  const backwards = lease('10.0.0.1', day('02:00:00'), day('01:00:00'), '  binding state active;\n  uid "a";');
  assert.deepEqual(extents(backwards)[0]?.slice(2, 4), [UNTRUSTED.sureFrom, UNTRUSTED.sureTo]);
});

test('a file that is written anew proves what it repeats, and breaks what it knows better', () => {
  const first = active('10.0.0.1', '01:00:00', '09:00:00', 'a') + active('10.0.0.2', '01:00:00', '09:00:00', 'b');
  const folds = (second: string) => {
    const folder = makeLeaseFolder();
    readText(dhcpdFormat, first, {}, 'leases~', folder);
    readText(dhcpdFormat, second, {}, 'leases', folder);
    return [...folder.closed(), ...folder.open()].filter(h => h.holder.family === 4 && h.holder.address === 0x0a000001);
  };
  const same = folds(first + active('10.0.0.1', '05:00:00', '13:00:00', 'a'));
  assert.deepEqual(
    same.map(h => [h.sureFrom, h.sureTo]),
    [[ms('01:00:00'), ms('13:00:00')]],
  );
  const missed = folds(active('10.0.0.1', '05:00:00', '13:00:00', 'a'));
  assert.deepEqual(missed.map(h => [h.sureFrom, h.sureTo]).sort(), [
    [ms('01:00:00'), ms('01:00:00')],
    [ms('05:00:00'), ms('13:00:00')],
  ]);
});

test('what is broken is named by its line, and swallows nothing', () => {
  const cut = active('10.0.0.1', '01:00:00', '02:00:00', 'a').split('\n').slice(0, 4);
  const good = active('10.0.0.2', '01:00:00', '02:00:00', 'b').trimEnd();
  const lines = [
    ...cut,
    ...good.split('\n'),
    ...lease('10.0.0.300', day('01:00:00'), day('02:00:00'), 'x;').trimEnd().split('\n'),
    ...['lease 10.0.0.3 {', '  starts 1 2026/02/30 01:00:00;', '  ends never;', '}'],
    ...['lease 10.0.0.4 {', ' uid "open', '}'],
    'what nobody wrote',
    ...good.split('\n'),
    ...['nonsense;', 'more { nonsense }', 'failover peer "b" state { my state normal; }'],
    'lease 10.0.0.5 {',
  ];
  const { events, refused } = readText(dhcpdFormat, lines.join('\n'));
  const broken = ['1', '300', '3', '4', '5'].map(n => `lease 10.0.0.${n} {`);
  broken.splice(-1, 0, 'what nobody wrote', 'nonsense;', 'more { nonsense }');
  assert.deepEqual(
    refused.map(r => lines[(r.line ?? 0) - 1]),
    broken,
  );
  assert.equal(events.filter(e => e.what === 'lease').length, 2);
});
