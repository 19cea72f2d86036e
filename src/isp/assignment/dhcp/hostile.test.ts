/** Any bytes at all: no parser of leases throws but for a wrong header, and none hangs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../record/fault.ts';
import type { Format, LogEvent } from '../event.ts';
import { LONGEST_LINE } from '../feeder.ts';
import { dhcpdFormat } from './dhcpd.ts';
import { makeLeaseFolder } from './fold.ts';
import { kea6Format, keaFormat } from './kea.ts';
import { keaLogFormat } from './kea-log.ts';
import { readText } from './reading.ts';

const HEADERS: ReadonlyMap<Format, string> = new Map([
  [
    keaFormat,
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n',
  ],
  [kea6Format, 'address,duid,valid_lifetime,expire,lease_type,prefix_len,hostname,hwaddr,state,user_context\n'],
  [keaLogFormat, ''],
  [dhcpdFormat, ''],
]);
const GOOD: ReadonlyMap<Format, string> = new Map([
  [keaFormat, '10.0.0.1,02:aa,01:bb,600,1790000600,1,0,0,host,0,{ "ISC": { "relay-agent-info": "0x0104736c6f74" } }'],
  [
    kea6Format,
    '2001:db8::,00:03,600,1790000600,2,56,host,02:aa,0,{ "ISC": { "relay-info": [ { "hop": 0&#x2c "options": "0x0025000100" } ] } }',
  ],
  [
    keaLogFormat,
    '2026-11-23 05:58:25 JST Address: 10.0.0.1 has been assigned for 1 hrs 0 mins 0 secs to a device with hardware address: hwtype=1 08:00, client-id: 17:34 connected via relay at address: 10.0.0.1, identified by circuit-id: 68:6f (ho) and remote-id: 87',
  ],
  [
    dhcpdFormat,
    'lease 10.0.0.1 {\n starts 1 2026/11/23 05:58:25;\n ends never;\n binding state active;\n uid "\\001a\\"";\n option agent.circuit-id 0:4:1f;\n}',
  ],
]);

/** The words of the four languages, in any order. */
const words = fc.constantFrom(
  ...['lease', '{', '}', ';', '"', '\\', '#', 'starts', 'never', 'binding state', 'option agent.circuit-id', ' ', '\n'],
  ...[
    '0x01',
    '&#x2c',
    ',',
    '600',
    '1790000600',
    '10.0.0.1',
    '2001:db8::',
    '{ "ISC": {',
    'relay-agent-info',
    '\ufffd',
    '\0',
  ],
  ...[
    '2026-11-23 05:58:25 JST ',
    'Address: ',
    ' has been assigned',
    ' for ',
    'circuit-id: ',
    '(',
    ')',
    'é',
    '@10.0.0.9',
  ],
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(words, { maxLength: 60 }).map(w => w.join('')),
);

for (const [format, header] of HEADERS) {
  const good = GOOD.get(format) ?? '';

  test(`${format.name}: whatever the lines are, none is thrown at`, () => {
    fc.assert(
      fc.property(text, fc.nat(good.length), fc.nat(good.length), fc.boolean(), (noise, from, to, listed) => {
        const mixed = good.slice(0, from) + noise + good.slice(Math.min(from, to));
        const folder = makeLeaseFolder();
        const { events } = readText(format, `${header}${mixed}\n${good}`, { compacted: listed }, 'log', folder);
        const held = [...folder.closed(), ...folder.open()];
        for (const h of held) {
          assert.ok(h.possibleFrom <= h.possibleTo);
          if (h.sureFrom <= h.sureTo) assert.ok(h.possibleFrom <= h.sureFrom && h.sureTo <= h.possibleTo);
          assert.ok(!h.subscriber.startsWith('@') && Buffer.byteLength(h.subscriber) <= 256);
        }
        makeLeaseFolder(JSON.parse(JSON.stringify(folder.save())));
        for (const event of events as LogEvent[]) assert.ok(Number.isFinite(event.at));
      }),
      { numRuns: 2_000 },
    );
  });

  test(`${format.name}: the longest lines do not hang it`, { timeout: 20_000 }, () => {
    const parts = ['"', '\\"', '{', '}', ' ', 'lease ', 'lease 10.0.0.1 {', ',', '61:', '(61) and ', '&#x2c', '[', '0'];
    for (const part of parts) {
      const line = part.repeat(Math.ceil(LONGEST_LINE / part.length)).slice(0, LONGEST_LINE);
      const { events } = readText(format, `${header}${good.split('\n')[0]}${line}\n${line}\n${good}`);
      assert.ok(events.length > 0 || format === dhcpdFormat, part);
    }
  });
}

test('a file of something else is a fault that names it', () => {
  for (const format of [keaFormat, kea6Format])
    assert.throws(
      () => readText(format, 'hello\n'),
      (thrown: unknown) => thrown instanceof Fault && thrown.code === 'input',
    );
});
