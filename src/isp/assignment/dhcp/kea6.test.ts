import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAddress } from '../../../record/address.ts';
import { kea6Format } from './kea.ts';
import { holdsOf, readText } from './reading.ts';
import { relayNames6 } from './relay.ts';

const HEADER =
  'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id';
const T = 1_790_000_000;
const row = (address: string, duid: string, at: number, life: number, type: number, length: number, more = '') =>
  `${address},${duid},${life},${at + life},1,${life},${type},7,${length},0,0,,02:aa,0,${more},1,0,0`;
const bits = (text: string) => parseAddress(text)?.value;

test("Kea's own reference file is read to the letter", () => {
  const { events, refused } = readText(
    kea6Format,
    readFileSync('test/fixtures/kea/lease6_dump_test.reference.csv', 'utf8'),
  );
  assert.deepEqual(refused, []);
  const leases = events.filter(e => e.what === 'lease');
  assert.deepEqual(
    leases.map(e => [e.subscriber, e.at, e.until]),
    [
      ['32:30:33', 1_641_999_970_000, 1_642_000_000_000],
      ['32:32:33', 1_643_212_315_000, 1_643_212_345_000],
      ['32:33:33', 1_699_999_970_000, 1_700_000_000_000],
    ],
  );
  assert.equal(events.filter(e => e.what === 'held' && e.subscriber === '').length, 1);
});

test('addresses are prefixes of 128 bits, delegated prefixes have their own length', () => {
  const lines = [
    row('2001:db8::5', '00:03:aa', T, 600, 0, 128),
    row('2001:db8:7700::', '00:03:bb', T, 600, 2, 56),
    row('2001:db8:7700::1', '00:03:bb', T, 600, 2, 56),
    row('2001::', '00:03:bb', T, 600, 2, 16),
    row('2001:db8::6', '00:03:bb', T, 600, 5, 128),
    row('10.0.0.1', '00:03:bb', T, 600, 0, 128),
  ];
  const { events, refused } = readText(kea6Format, [HEADER, ...lines].join('\n'));
  assert.deepEqual(
    refused.map(r => r.line),
    [4, 5, 6, 7],
  );
  const holders = events.flatMap(e => (e.what === 'lease' ? [e.holder] : []));
  assert.deepEqual(holders, [
    { family: 6, prefix: bits('2001:db8::5'), length: 128 },
    { family: 6, prefix: bits('2001:db8:7700::'), length: 56 },
  ]);
});

test('the relay next to the client names the line; where that is not clear nobody does', () => {
  const remote = `0025000a00001234${Buffer.from('line-7').toString('hex')}`;
  const one = (hop: number, options: string) =>
    `{ "hop": ${hop}, "link": "::", "peer": "::", "options": "0x${options}" }`;
  const names = (list: string) => relayNames6(`{ "ISC": { "relay-info": [ ${list} ] } }`);
  assert.equal(names(one(0, remote))['remote-id'], `0x00001234${Buffer.from('line-7').toString('hex')}`);
  assert.equal(names(`${one(1, '00120003657430')}, ${one(0, remote)}`)['remote-id']?.endsWith('2d37'), true);
  assert.deepEqual(names(`${one(0, remote)}, ${one(0, remote)}`), { unreadable: true });
  assert.deepEqual(names(one(0, `${remote}ff`)), { unreadable: true });
  assert.deepEqual(relayNames6('{ "ISC": { "relay-info": 7 } }'), { unreadable: true });
  assert.deepEqual(relayNames6('{ "ISC": { "relay-info": [ }'), { unreadable: true });
});

test('one prefix with two DUIDs is the prefix of both', () => {
  const text = [
    HEADER,
    row('2001:db8:7700::', '00:03:bb', T, 600, 2, 56),
    row('2001:db8:7700::', '00:03:cc', T + 100, 600, 2, 56),
  ].join('\n');
  const at = (T + 300) * 1000;
  const there = holdsOf(kea6Format, text).filter(h => h.possibleFrom <= at && at <= h.possibleTo);
  assert.deepEqual(there.map(h => h.subscriber).sort(), ['00:03:bb', '00:03:cc']);
});
