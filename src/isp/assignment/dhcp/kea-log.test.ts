import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../record/fault.ts';
import type { LogEvent } from '../event.ts';
import { keaLogFormat } from './kea-log.ts';
import { holdsOf, readText } from './reading.ts';

const AT = Date.UTC(2018, 0, 6, 0, 2, 3);
const CET = { zones: { CET: '+01:00', PST: '-08:00' } };
const STAMP = '2018-01-06 01:02:03 CET ';
const DEVICE = 'a device with hardware address: hwtype=1 08:00:2b:02:3f:4e';
const CLIENT = ', client-id: 17:34:e2:ff:09:92:54';
const RELAY = ' connected via relay at address: 192.2.16.33';
const IDS = ', identified by circuit-id: 68:6f:77:64:79 (howdy) and remote-id: 87:f6:79:77:ef';

const read = (text: string, options: Record<string, unknown> = CET) => readText(keaLogFormat, text, options);
function one(
  text: string,
  options?: Record<string, unknown>,
): Extract<LogEvent, { what: 'lease' | 'release' | 'held' }> {
  const { events, refused } = read(text, options);
  assert.deepEqual(refused, [], text);
  const found = events.find(e => e.what === 'lease' || e.what === 'release' || e.what === 'held');
  assert.ok(found, text);
  return found as Extract<LogEvent, { what: 'lease' | 'release' | 'held' }>;
}

test('a renewal as the manual shows it', () => {
  const event = one(
    `${STAMP}Address: 192.2.1.100 has been renewed for 1 hrs 52 min 15 secs to ${DEVICE}${CLIENT}${RELAY}${IDS}`,
  );
  assert.deepEqual(event, {
    what: 'lease',
    at: AT,
    until: AT + 6_735_000,
    errorMs: 0,
    exporter: '',
    holder: { family: 4, address: 0xc0020164, portFrom: 0, portTo: 65_535 },
    subscriber: 'howdy/0x87f67977ef',
    session: 'howdy/0x87f67977ef',
  });
});

test('durations, wordings and identifiers that occur', () => {
  const until = (duration: string) => {
    const event = one(`${STAMP}Address: 192.2.1.100 has been assigned for ${duration} to ${DEVICE}`);
    assert.ok(event.what === 'lease');
    return event.until - AT;
  };
  assert.equal(until('1 hrs 52 mins 15 secs'), 6_735_000);
  assert.equal(until('2 days 0 hrs 0 mins 1 secs'), 172_801_000);
  assert.equal(until('6735 seconds'), 6_735_000);
  assert.equal(until('infinite duration'), Number.POSITIVE_INFINITY);
  const name = (rest: string, subscriber?: string) =>
    one(`${STAMP}Address: 192.2.1.100 has been assigned for 0 hrs 5 mins 0 secs to ${DEVICE}${rest}`, {
      ...CET,
      ...(subscriber === undefined ? {} : { subscriber }),
    }).subscriber;
  assert.equal(name(''), '08:00:2b:02:3f:4e');
  assert.equal(name(CLIENT), '17:34:e2:ff:09:92:54');
  assert.equal(name(`${CLIENT}${RELAY}, circuit-id: 68:6f, remote-id: 41:42, subscriber-id: 43`), 'ho/AB');
  assert.equal(name(`${CLIENT}${RELAY}${IDS}, context: { "a": "b" }`, 'remote-id'), '0x87f67977ef');
  assert.equal(name(`${CLIENT}${RELAY}`, 'remote-id'), '', 'the relay said nothing of a line');
});

test('IPv6 addresses and prefixes', () => {
  const device =
    'a device with DUID: 17:34:e2:ff:09:92:54 and hardware address: hwtype=1 08:00:2b:02:3f:4e (from Raw Socket)';
  const relay = ' connected via relay at address: fe80::abcd for client on link address: 3001::1, hop count: 1';
  const ids = ', identified by remote-id: 01:02:03:04:0a and subscriber-id: 1a:2b';
  const event = one(
    `2018-01-06 01:02:03 PST Address:2001:db8:1:: has been assigned for 0 hrs 11 mins 53 secs to ${device}${relay}${ids}`,
  );
  assert.equal(event.subscriber, '0x010203040a');
  assert.deepEqual(event.holder, { family: 6, prefix: 0x20010db8_00010000_00000000_00000000n, length: 128 });
  const prefix = one(
    `${STAMP}Prefix: 2001:db8:77::/56 has been released from ${device}${relay}${ids}, connected at location interface-id: 65:74`,
  );
  assert.equal(prefix.what, 'release');
  assert.equal(prefix.holder.family === 6 && prefix.holder.length, 56);
});

test('nobody writes a line into the log by what he sends', () => {
  const text = ') connected via relay at address: 1.2.3.4, identified by circuit-id: 61:62 (';
  const hex = [...Buffer.from(text)].map(b => b.toString(16).padStart(2, '0')).join(':');
  const line = (rest: string) =>
    `${STAMP}Address: 192.2.1.100 has been assigned for 0 hrs 5 mins 0 secs to ${DEVICE}, client-id: ${hex}${rest}`;
  // Too long for a name, it is known by its digest.
  assert.ok(one(line(` (${text})`)).subscriber.startsWith('sha256-'));
  assert.equal(one(line(` (${text})${RELAY}${IDS}`), { ...CET, subscriber: 'circuit-id' }).subscriber, 'howdy');
  assert.equal(read(line(` (${text.slice(1)})`)).refused.length, 1);
});

test('what administrators and the partner do', () => {
  const added = one(
    `${STAMP}Administrator added a lease of address: 192.0.2.202 to a device with hardware address: 1a:1b:1c:1d:1e:1f for 1 days 0 hrs 0 mins 0 secs`,
  );
  assert.ok(added.what === 'lease' && added.until === AT + 86_400_000);
  assert.equal(added.subscriber, '', 'the line tells nothing of the relay, by which the others are named');
  const known = one(
    `${STAMP}HA partner updated information on the lease of address: 192.0.2.202 to a device with hardware address: 1a:1b:1c:1d:1e:1f, client-id: 1234567890`,
    { ...CET, subscriber: 'hwaddr' },
  );
  assert.equal(known.subscriber, '1a:1b:1c:1d:1e:1f');
  const deleted = one(`${STAMP}Administrator deleted the lease for address: 192.0.2.202`);
  assert.deepEqual([deleted.what, deleted.subscriber], ['release', '']);
  const other = read(`${STAMP}Administrator deleted a lease for a device identified by: hw-address of 1a:1b`);
  assert.deepEqual(
    other.events.map(e => e.what),
    ['heard'],
  );
  const partner = read(`${STAMP}HA partner deleted the lease for address: 192.0.2.202`, {
    ...CET,
    partnerImported: true,
  });
  assert.deepEqual(
    partner.events.map(e => e.what),
    ['heard'],
  );
});

test('a release at once may be a decline, which the log does not tell apart', () => {
  const line = (time: string, what: string) =>
    `2018-01-06 ${time} UTC Address: 192.2.1.100 has been ${what} a device with hardware address: hwtype=1 08:00`;
  const given = line('01:00:00', 'assigned for 1 hrs 0 mins 0 secs to');
  const at = Date.UTC(2018, 0, 6, 1, 0, 20);
  const there = (text: string) => holdsOf(keaLogFormat, text).filter(h => h.possibleFrom <= at && at <= h.possibleTo);
  assert.ok(there(`${given}\n${line('01:00:40', 'released from')}`).some(h => h.subscriber === ''));
  assert.ok(there(`${given}\n${line('01:10:00', 'released from')}`).every(h => h.sureFrom <= at && at <= h.sureTo));
});

test('zones are never guessed, and lines that are not understood are named', () => {
  const line = `Address: 192.2.1.100 has been assigned for 0 hrs 5 mins 0 secs to ${DEVICE}`;
  for (const stamp of [
    '2018-01-06 01:02:03 IST',
    '2018-02-30 01:02:03 UTC',
    '2018-01-06 25:02:03 UTC',
    '06/01/2018 01:02:03 UTC',
  ])
    assert.equal(read(`${stamp} ${line}`, {}).refused[0]?.line, 1, stamp);
  assert.equal(one(`2018-01-06 01:02:03 +03 ${line}`, {}).at, Date.UTC(2018, 0, 5, 22, 2, 3));
  assert.equal(one(`2018-01-06 09:02:03 JST ${line}`, {}).at, Date.UTC(2018, 0, 6, 0, 2, 3));
  for (const rest of [' and more', ', client-id: xx', `${RELAY}, identified by circuit-id: 68 and circuit-id: 69`])
    assert.equal(read(`${STAMP}${line}${rest}`).refused.length, 1, rest);
  assert.equal(read(`${STAMP}custom words of the operator`).refused.length, 1);
  assert.throws(() => keaLogFormat.open('log', { zones: { JST: 'nine' } }), Fault);
  assert.throws(() => keaLogFormat.open('log', { colour: 'red' }), Fault);
});
