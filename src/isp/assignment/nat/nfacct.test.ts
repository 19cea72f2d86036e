import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { pick } from './json-line.ts';
import { nfacctFormat } from './nfacct.ts';

const LINE = {
  event_type: 'purge',
  peer_ip_src: '192.0.2.1',
  ip_src: '10.0.0.9',
  ip_dst: '198.51.100.77',
  port_src: 4_000,
  port_dst: 443,
  ip_proto: 'tcp',
  post_nat_ip_src: '203.0.113.5',
  post_nat_ip_dst: '198.51.100.77',
  post_nat_port_src: 2_000,
  post_nat_port_dst: 443,
  nat_event: 4,
  timestamp_start: '2026-11-22 18:30:00.250000',
  stamp_inserted: '2026-11-22 18:00:00',
};
const read = (line: unknown, options: Record<string, unknown> = {}) =>
  nfacctFormat
    .open('f', { natEvents: 'rfc8158', zone: '+09:00', ...options })
    .line?.(typeof line === 'string' ? line : JSON.stringify(line), 1);
/** The events as plain values, so that any field can be asked for. */
const events = (line: unknown, options?: Record<string, unknown>): Record<string, unknown>[] =>
  JSON.parse(JSON.stringify(read(line, options)));
const why = (line: unknown, options?: Record<string, unknown>) => {
  const got = read(line, options);
  return got && 'refused' in got ? got.refused : undefined;
};
const at = Date.parse('2026-11-22T09:30:00.250Z');

test('one port, opened and closed', () => {
  const [begin] = events(LINE);
  assert.deepEqual(begin, {
    what: 'begin',
    at,
    errorMs: 0,
    exporter: '192.0.2.1',
    subscriber: '@10.0.0.9',
    holder: { family: 4, address: parseIpv4('203.0.113.5'), portFrom: 2_000, portTo: 2_000 },
    session: `@10.0.0.9 ${parseIpv4('203.0.113.5')}:2000-2000 6`,
  });
  const [end] = events({ ...LINE, nat_event: 5 });
  assert.deepEqual([end?.what, end?.session], ['end', begin?.session]);
});

test('blocks and realms by the names of custom primitives', () => {
  const fields = { portFrom: 'nat_from', portTo: 'nat_to', realm: 'vrf' };
  const [event] = events(
    { ...LINE, nat_event: 16, ip_proto: 0, nat_from: '1024', nat_to: '1535', vrf: '3' },
    { fields, realms: { 3: 'blue' } },
  );
  assert.deepEqual(event?.holder, { family: 4, address: parseIpv4('203.0.113.5'), portFrom: 1_024, portTo: 1_535 });
  assert.equal(event?.subscriber, '@blue/10.0.0.9');
  assert.match(String(event?.session), / \*$/);
  assert.match(why({ ...LINE, nat_event: 16 }) ?? '', /no ports/);
  for (const wrong of [{ portFrom: 'post_nat_port_dst' }, { other: 'x' }, { realm: 4 }, 'x'])
    assert.throws(() => nfacctFormat.open('f', { natEvents: 'nel', fields: wrong }), Fault);
});

test('stamps: with a zone, since the epoch, or by option "zone"', () => {
  const instant = (timestamp_start: string, options = {}) => events({ ...LINE, timestamp_start }, options)[0]?.at;
  assert.equal(instant('2026-11-22T09:30:00.250Z'), at);
  assert.equal(instant('2026-11-22T18:30:00.250+09:00', { zone: 'Z' }), at);
  assert.equal(instant(`${at / 1000}`), at);
  const { timestamp_start: _, ...without } = LINE;
  assert.equal(events({ ...without, timestamp_event: `${at / 1000}` })[0]?.at, at);
  assert.match(why(LINE, { zone: undefined }) ?? '', /no zone/);
  assert.match(why({ ...LINE, timestamp_start: '1970-01-01 00:00:00.000000' }) ?? '', /no time/);
  assert.match(why({ ...LINE, timestamp_start: '2026-11-31 00:00:00.000000' }) ?? '', /no instant/);
  assert.match(why(without) ?? '', /timestamp_start/);
});

test('what is no event of a port is passed over, what makes no sense is named', () => {
  assert.deepEqual(read({ event_type: 'purge_init', writer_id: 'default/1' }), []);
  assert.deepEqual(read({ event_type: 'purge_close', purged_entries: 5 }), []);
  assert.deepEqual(events({ ...LINE, nat_event: 13 })[0]?.what, 'heard');
  assert.deepEqual(events({ ...LINE, ip_proto: 'icmp' })[0]?.what, 'heard');
  assert.match(why({ ...LINE, nat_event: 99 }) ?? '', /vocabulary/);
  assert.match(why({ ...LINE, nat_event: 16 }, { natEvents: 'nel' }) ?? '', /vocabulary/);
  assert.match(why({ ...LINE, ip_src: 'x' }) ?? '', /ip_src/);
  assert.match(why({ ...LINE, post_nat_ip_src: '2001:db8::1' }) ?? '', /post_nat_ip_src/);
  assert.match(why({ ...LINE, post_nat_port_src: 80 }) ?? '', /so low/);
  assert.match(why({ ...LINE, post_nat_port_src: 70_000 }) ?? '', /post_nat_port_src/);
  for (const line of ['{', '[]', 'x', '{"a":}', '{"a":1}x', '{"a":1,}', '{"ip_src":"a","ip_src":"b"}', '{"ip_src":{}}'])
    assert.ok(why(line), line);
  assert.throws(() => nfacctFormat.open('f', {}), Fault);
});

test('picking from any JSON object gives what JSON.parse gives, and steps over the rest', () => {
  const wanted = new Set(['a', 'b']);
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.nat(), fc.string()),
      ),
      fc.nat(2),
      (object, spaces) => {
        const text = JSON.stringify(object, undefined, spaces).replaceAll('\n', ' ');
        const picked = pick(text, wanted);
        if (typeof picked === 'string') {
          assert.match(picked, /plain value/);
          return;
        }
        for (const name of wanted)
          assert.equal(picked.get(name), Object.hasOwn(object, name) ? String(object[name]) : undefined);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('any text: never throws', () => {
  const sound = JSON.stringify(LINE);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), text => void read(text)),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.nat(sound.length), fc.nat(sound.length), fc.string({ maxLength: 5 }), (from, to, put) => {
      read(sound.slice(0, from) + put + sound.slice(to));
    }),
    { numRuns: 1_000 },
  );
});
