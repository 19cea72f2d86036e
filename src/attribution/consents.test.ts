import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeSealingKey, makeSigningKey, signBody } from '../mandate/keys.ts';
import { formatIpv4, parseIpv4, parsePrefix, prefixContains } from '../record/address.ts';
import { DAY, isoOf } from '../record/instant.ts';
import type { Consent, ConsentBody } from '../record/mandate.ts';
import { compileConsents } from './consents.ts';
import { CONTESTED, compileRanges, NOBODY } from './ranges.ts';

const START = Date.UTC(2026, 9, 1);
const keys = { 'isp-a': makeSigningKey(), 'isp-b': makeSigningKey() };
const { key, publicKey } = keys['isp-a'];
const trust = {
  isps: { 'isp-a': [{ key, publicKey }], 'isp-b': [{ key: keys['isp-b'].key, publicKey: keys['isp-b'].publicKey }] },
};

function consent(isp: 'isp-a' | 'isp-b', day: number, prefixes: string[], by = keys[isp]): Consent {
  const body: ConsentBody = {
    format: 'notice-consent/1',
    isp,
    displayName: isp,
    signedAt: isoOf(START + day * DAY),
    prefixes: prefixes.map(prefix => ({ prefix, pool: 'dynamic' })),
    sealing: makeSealingKey().publicKey,
  };
  return { body, signatures: [signBody(body, isp, by)] };
}

const says = (at: ReturnType<typeof compileConsents>, address: string, day: number) => {
  const answer = at.ispAt(address, START + day * DAY);
  return 'refused' in answer ? answer.refused : answer.isp;
};

test('the ISP whose consent is in force answers, for forty days', () => {
  const at = compileConsents([consent('isp-a', 0, ['127.64.0.0/16', '2001:db8::/32'])], trust);
  assert.equal(says(at, '127.64.255.255', 0), 'isp-a');
  assert.equal(says(at, '2001:db8::1', 39.99), 'isp-a');
  assert.equal(says(at, '127.65.0.0', 1), 'unregistered');
  assert.equal(says(at, '127.63.255.255', 1), 'unregistered');
  assert.equal(says(at, '2001:db9::', 1), 'unregistered');
  assert.equal(says(at, '127.64.0.0', 40), 'expired');
  assert.equal(says(at, '127.64.0.0', -0.001), 'expired');
  assert.equal(says(at, '127.64.0.00', 1), 'malformed');
});

test('the last list counts: what it leaves out is gone, what moved belongs to its new holder from then on', () => {
  const at = compileConsents(
    [
      consent('isp-a', 0, ['127.64.0.0/16', '127.65.0.0/16']),
      consent('isp-b', 1, ['127.70.0.0/16']),
      consent('isp-a', 30, ['127.64.0.0/16']),
      consent('isp-b', 31, ['127.70.0.0/16', '127.65.0.0/16']),
    ],
    trust,
  );
  assert.equal(says(at, '127.65.0.9', 29), 'isp-a');
  assert.equal(says(at, '127.65.0.9', 30.5), 'expired');
  assert.equal(says(at, '127.65.0.9', 31), 'isp-b');
  assert.equal(says(at, '127.64.0.9', 45), 'isp-a');
});

test('space that two ISPs name belongs to neither', () => {
  const at = compileConsents([consent('isp-a', 0, ['127.64.0.0/16']), consent('isp-b', 5, ['127.64.128.0/24'])], trust);
  assert.equal(says(at, '127.64.128.7', 4), 'isp-a');
  assert.equal(says(at, '127.64.128.7', 6), 'overlapping');
  assert.equal(says(at, '127.64.129.7', 6), 'isp-a');
  assert.equal(says(at, '127.64.128.7', 41), 'isp-b');
});

test('nothing unsigned attributes anything', () => {
  const strange = consent('isp-a', 0, ['127.64.0.0/16'], keys['isp-b']);
  const signed = consent('isp-a', 0, ['127.64.0.0/16']);
  const widened = { ...signed, body: { ...signed.body, prefixes: [{ prefix: '127.0.0.0/8', pool: 'cgn' as const }] } };
  const at = compileConsents([strange, widened], trust);
  assert.equal(says(at, '127.64.0.1', 1), 'unregistered');
  assert.deepEqual(
    at.left.map(l => l.why),
    ['signature', 'signature'],
  );
  assert.equal(says(compileConsents([signed], { isps: {} }), '127.64.0.1', 1), 'unregistered');
});

test('ranges answer as a search of every prefix does, to the edges of the space', () => {
  const anyPrefix = fc
    .tuple(
      fc.constantFrom(0, 0x7f000000, 0x7f400000, 0xffffff00, 0xfffffffe),
      fc.nat(255),
      fc.integer({ min: 0, max: 32 }),
    )
    .map(([base, low, length]) => {
      const size = 2 ** (32 - length);
      const from = Math.floor(((base + low) % 2 ** 32) / size) * size;
      return `${formatIpv4(from)}/${length}`;
    });
  const anyList = fc.array(fc.tuple(anyPrefix, fc.constantFrom('a', 'b', 'c')), { maxLength: 8 });
  fc.assert(
    fc.property(anyList, fc.array(fc.nat(), { maxLength: 10 }), (list, extra) => {
      const labelled = list.map(([text, owner], label) => ({ prefix: parsePrefix(text)!, owner, label }));
      const ranges = compileRanges(labelled);
      const edges = labelled.flatMap(({ prefix: p }) => {
        const from = Number(p.base);
        const to = from + 2 ** (32 - p.length);
        return [from - 1, from, to - 1, to];
      });
      for (const n of [...edges, ...extra, 0, 2 ** 32 - 1].filter(n => n >= 0 && n < 2 ** 32)) {
        const holding = labelled.filter(l => prefixContains(l.prefix, { family: 4, value: BigInt(n) }));
        const most = Math.max(...holding.map(l => l.prefix.length));
        const best = holding.filter(l => l.prefix.length === most).at(-1)?.label ?? NOBODY;
        const expected = new Set(holding.map(l => l.owner)).size > 1 ? CONTESTED : best;
        assert.equal(ranges.atIpv4(n), expected, formatIpv4(n));
        assert.equal(ranges.at({ family: 4, value: BigInt(n) }), expected);
      }
    }),
    { numRuns: 500 },
  );
  assert.equal(parseIpv4('255.255.255.255'), 2 ** 32 - 1);
});
