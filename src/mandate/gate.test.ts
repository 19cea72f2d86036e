import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LabIsp } from '../../test/mandate/lab-paper.ts';
import { consentBody, labBody, labClocks, NOW } from '../../test/mandate/lab-paper.ts';
import { formatIpv4, parseIpv4 } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { Act } from '../record/glossary.ts';
import { ACTS } from '../record/glossary.ts';
import { DAY, HOUR, isoOf, MINUTE } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { Refusal } from './authority.ts';
import { parseExclusions } from './exclusions.ts';
import { type CompiledGate, compileGate as compileReal, gateFromTables as fromTables, openAddresses } from './gate.ts';
import type { Paper } from './paper.ts';
import { scopeRanges } from './scope.ts';

const LOOPBACK: readonly LabIsp[] = [{ isp: 'isp-a', prefixes: ['127.64.0.0/22'] }];

/** Every question of this file is asked of the frame's two halves as well: they must say the same. */
const asked = (gate: CompiledGate): CompiledGate => ({
  ...gate,
  refuses(address, port, act) {
    const refusal = gate.refuses(address, port, act);
    assert.equal(gate.now() ?? gate.refusesFrame(address, port, act), refusal);
    return refusal;
  },
});
const compileGate = (...of: Parameters<typeof compileReal>): CompiledGate => asked(compileReal(...of));
const gateFromTables = (...of: Parameters<typeof fromTables>): CompiledGate => asked(fromTables(...of));

/** A paper as loadPaper would give it, without files. */
function paperOf(isps: readonly LabIsp[], exclusions = '', changes: Partial<MandateBody> = {}): Paper {
  const name = 'lab';
  return {
    mandate: { body: labBody(isps, changes), signatures: [] },
    digest: 'd'.repeat(64),
    trust: { format: 'notice-trust/1', operator: [], authority: [], isps: {}, within: [] },
    consents: isps.map(isp => ({ body: consentBody(isp), signatures: [] })),
    exclusions: parseExclusions(exclusions, name),
    catalogueText: '{}',
    files: { mandate: name, trust: name, consents: name, exclusions: name, catalogue: name },
    where: () => name,
  };
}

/** The slow truth: prefixes as intervals, looked through one by one. */
function spanOf(text: string): [number, number] {
  const [address = '', length = '32'] = text.split('/');
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const from = a * 16777216 + b * 65536 + c * 256 + d;
  return [from, from + 2 ** (32 - Number(length)) - 1];
}
const inAny = (address: number, prefixes: readonly string[]) =>
  prefixes.some(p => address >= spanOf(p)[0] && address <= spanOf(p)[1]);
const FREE =
  '127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 198.18.0.0/15'.split(
    ' ',
  );
const NEVER = '0.0.0.0/8 100.64.0.0/10 169.254.0.0/16 192.0.0.0/24 224.0.0.0/4 240.0.0.0/4 192.88.99.0/24'.split(' ');
function truth(address: number, isps: readonly LabIsp[], excluded: readonly string[]): Refusal | undefined {
  if (inAny(address, NEVER)) return 'reserved';
  if (!inAny(address, FREE) || !isps.some(i => inAny(address, i.prefixes))) return 'outside-scope';
  return inAny(address, excluded) ? 'excluded' : undefined;
}

/** Corners where kinds of space meet, and a dense lab in the middle. */
const CORNERS = [
  '127.64.0.0',
  '127.64.3.0',
  '192.0.1.0',
  '192.0.2.0',
  '198.17.254.0',
  '198.20.0.0',
  '100.63.255.0',
  '9.255.255.0',
  '223.255.255.0',
];
const addressIn = fc
  .tuple(fc.constantFrom(...CORNERS), fc.integer({ min: 0, max: 1023 }))
  .map(([corner, offset]) => (parseIpv4(corner) as number) + offset);
const prefixIn = fc
  .tuple(addressIn, fc.constantFrom(18, 20, 21, 22, 23, 24, 25, 26, 28, 30, 31, 32))
  .map(([address, length]) => `${formatIpv4(Math.floor(address / 2 ** (32 - length)) * 2 ** (32 - length))}/${length}`);
const overlap = (a: string, b: string) => spanOf(a)[0] <= spanOf(b)[1] && spanOf(b)[0] <= spanOf(a)[1];
const country = fc
  .tuple(fc.array(prefixIn, { minLength: 1, maxLength: 6 }), fc.array(prefixIn, { maxLength: 6 }))
  .map(([a, b]): LabIsp[] => {
    const other = b.filter(p => !a.some(q => overlap(p, q)));
    return [{ isp: 'isp-a', prefixes: a }, ...(other.length > 0 ? [{ isp: 'isp-b', prefixes: other }] : [])];
  });

test('the gate, the gate of another thread and the slow truth agree on every address, with exclusions before and after', () => {
  let compiled = 0;
  fc.assert(
    fc.property(
      country,
      fc.array(prefixIn, { maxLength: 5 }),
      fc.array(prefixIn, { maxLength: 5 }),
      fc.array(addressIn, { minLength: 30, maxLength: 60 }),
      (isps, before, after, addresses) => {
        const paper = paperOf(isps, before.join('\n'));
        let gate: ReturnType<typeof compileGate>;
        try {
          gate = compileGate(paper, labClocks());
        } catch (thrown) {
          assert.ok(thrown instanceof Fault);
          // Nothing allowed is a fault, and only that.
          for (const a of addresses) assert.notEqual(truth(a, isps, before), undefined);
          return;
        }
        compiled++;
        const other = gateFromTables(gate.tables, labClocks());
        const edges = [...isps.flatMap(i => i.prefixes), ...before, ...after].flatMap(p => {
          const [from, to] = spanOf(p);
          return [from - 1, from, to, to + 1];
        });
        const all = [...addresses, ...edges];
        const agree = (excluded: readonly string[]) => {
          for (const address of all) {
            const want = truth(address, isps, excluded);
            assert.equal(gate.refuses(address, 23, 'sweep'), want, formatIpv4(address));
            assert.equal(other.refuses(address, 23, 'sweep'), want);
            assert.equal(gate.ispOf(address), isps.find(i => inAny(address, i.prefixes))?.isp);
          }
        };
        agree(before);
        gate.exclude(parseExclusions(after.join('\n'), 'x').map(e => e.prefix));
        agree([...before, ...after]);
        for (const { from, to } of scopeRanges(paper, NOW)) {
          if (to - from > 3000) continue;
          let open = 0;
          for (let a = from; a <= to; a++) if (truth(a, isps, [...before, ...after]) === undefined) open++;
          assert.equal(openAddresses(gate, from, to), open);
        }
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(compiled > 50, `${compiled} gates were compiled`);
});

test('the list of targets is what the slow truth allows, sorted, disjoint, with the right ISP, whatever is excluded', () => {
  fc.assert(
    fc.property(country, fc.array(addressIn, { minLength: 50, maxLength: 80 }), (isps, addresses) => {
      const ranges = scopeRanges(paperOf(isps), NOW);
      assert.deepEqual(scopeRanges(paperOf(isps, '127.64.0.0/24'), NOW), ranges);
      for (const [n, r] of ranges.entries())
        assert.ok(r.from <= r.to && (n === 0 || r.from > (ranges[n - 1]?.to as number)));
      for (const a of addresses) {
        const range = ranges.find(r => a >= r.from && a <= r.to);
        assert.equal(range !== undefined, truth(a, isps, []) === undefined, formatIpv4(a));
        if (range) assert.equal(range.isp, isps.find(i => inAny(a, i.prefixes))?.isp);
      }
    }),
    { numRuns: 150 },
  );
});

test('more exclusions in one go than the table of part /24s has room for still all hold', () => {
  const paper = paperOf([{ isp: 'isp-a', prefixes: ['10.0.0.0/11'] }]);
  const gate = compileGate(paper, labClocks());
  const hosts = Array.from({ length: 8000 }, (_, n) => 0x0a000000 + n * 256 + (n % 256));
  gate.exclude(hosts.map(h => ({ family: 4, base: BigInt(h), length: 32 })));
  for (const h of hosts) assert.equal(gate.refuses(h, 23, 'sweep'), 'excluded');
  assert.equal(gate.refuses((hosts[0] as number) + 1, 23, 'sweep'), undefined);
  assert.equal(gate.refuses(0x0a000000 + 8001 * 256, 23, 'sweep'), undefined);
});

test('ports and acts: only what is named, and what is permitted besides', () => {
  const ports = [
    { port: 2323, protocol: 'telnet', acts: ['sweep', 'decoy', 'no-login'] },
    { port: 8080, protocol: 'http', acts: ['identify'] },
  ] as const;
  const permitted = compileGate(paperOf(LOOPBACK, '', { ports }), labClocks());
  const address = parseIpv4('127.64.0.9') as number;
  for (const act of ACTS) {
    const named = (port: number) => ports.find(p => p.port === port)?.acts.some(a => (a as Act) === act);
    for (const port of [2323, 8080])
      assert.equal(permitted.refuses(address, port, act), named(port) ? undefined : 'act-not-named');
    assert.equal(permitted.refuses(address, 80, act), 'port-not-named');
    assert.equal(permitted.refuses(address, 65_535, act), 'port-not-named');
    assert.equal(permitted.refuses(address, 502, act), 'never-touch');
  }
  const denied = compileGate(
    paperOf(LOOPBACK, '', {
      ports,
      decoys: { permitted: false, perDevicePerDay: 5 },
      noLoginChecks: { permitted: false },
    }),
    labClocks(),
  );
  assert.equal(denied.refuses(address, 2323, 'decoy'), 'act-not-named');
  assert.equal(denied.refuses(address, 2323, 'no-login'), 'act-not-named');
  assert.equal(denied.refuses(address, 2323, 'sweep'), undefined);
  assert.equal(denied.protocolOf(8080), 'http');
  assert.equal(denied.protocolOf(80), undefined);
});

test('sources: only the named ones, as they appear on a dual-stack socket too', () => {
  const sources = {
    addresses: ['127.0.0.1', '192.0.2.8/29', '2001:db8::/64'],
    publishedAt: isoOf(NOW - 30 * DAY),
    publishedAs: 'a page',
  };
  const gate = compileGate(paperOf(LOOPBACK, '', { sources }), labClocks());
  for (const good of ['127.0.0.1', '::ffff:127.0.0.1', '192.0.2.8', '192.0.2.15', '2001:db8::7'])
    assert.equal(gate.refusesSource(good), undefined, good);
  for (const bad of ['127.0.0.2', '192.0.2.16', '2001:db9::7', '', 'localhost', '0.0.0.0', '::1'])
    assert.equal(gate.refusesSource(bad), 'source-not-named', bad);
});

test('hours are JST, over midnight too, and the period and consents end while running', () => {
  const address = parseIpv4('127.64.0.9') as number;
  const inHours = (from: string, to: string) => {
    const clocks = labClocks();
    const gate = compileGate(paperOf(LOOPBACK, '', { hours: { from, to } }), clocks);
    const open: number[] = [];
    // NOW is noon in JST.
    for (let hour = 12; hour < 36; hour++, clocks.pass(HOUR))
      if (!gate.refuses(address, 23, 'sweep')) open.push(hour % 24);
    return open.sort((a, b) => a - b);
  };
  assert.deepEqual(inHours('09:00', '12:00'), [9, 10, 11]);
  assert.deepEqual(inHours('22:30', '02:00'), [0, 1, 23]);
  assert.equal(inHours('00:00', '24:00').length, 24);

  const isps: LabIsp[] = [
    { isp: 'isp-a', prefixes: ['127.64.0.0/24'], signedAt: NOW - 39 * DAY },
    { isp: 'isp-b', prefixes: ['127.64.1.0/24'] },
  ];
  const clocks = labClocks();
  const gate = compileGate(paperOf(isps), clocks);
  const [a, b] = [address, parseIpv4('127.64.1.9') as number];
  clocks.pass(DAY - 1);
  assert.equal(gate.refuses(a, 23, 'sweep'), undefined);
  clocks.pass(1);
  assert.equal(gate.refuses(a, 23, 'sweep'), 'consent-expired');
  assert.equal(gate.refuses(b, 23, 'sweep'), undefined);
  clocks.pass(19 * DAY - 1);
  assert.equal(gate.refuses(b, 23, 'sweep'), undefined);
  clocks.pass(1);
  assert.equal(gate.refuses(b, 23, 'sweep'), 'expired');
});

test('a calendar that jumps against the monotonic clock closes the gate for good, in every thread', () => {
  const address = parseIpv4('127.64.0.9') as number;
  for (const jump of [2_001, -2_001, 31 * DAY]) {
    const clocks = labClocks();
    const gate = compileGate(paperOf(LOOPBACK), clocks);
    const other = gateFromTables(gate.tables, labClocks());
    clocks.pass(5 * DAY);
    clocks.jump(Math.sign(jump) * 2_000);
    assert.equal(gate.refuses(address, 23, 'sweep'), undefined);
    clocks.jump(jump - Math.sign(jump) * 2_000);
    assert.equal(gate.refuses(address, 23, 'sweep'), 'clock-jumped');
    clocks.jump(-jump);
    assert.equal(gate.refuses(address, 23, 'sweep'), 'clock-jumped');
    assert.equal(other.refuses(address, 23, 'sweep'), 'clock-jumped');
  }
  const broken = labClocks();
  const gate = compileGate(paperOf(LOOPBACK), { ...broken, monotonic: () => Number.NaN });
  assert.equal(gate.refuses(address, 23, 'sweep'), 'clock-jumped');
});

test('stop closes every gate over the same tables, and nothing opens them again', () => {
  const gate = compileGate(paperOf(LOOPBACK), labClocks());
  const other = gateFromTables(structuredClone(gate.tables), labClocks());
  const address = parseIpv4('127.64.0.9') as number;
  assert.equal(other.refuses(address, 23, 'sweep'), undefined);
  gate.stop();
  assert.equal(other.refuses(address, 23, 'sweep'), 'stopped');
  assert.equal(gateFromTables(gate.tables, labClocks()).refuses(address, 23, 'sweep'), 'stopped');
  assert.throws(() => gateFromTables({ mandate: gate.mandate }, labClocks()), TypeError);
});

test('hours end to the millisecond', () => {
  const hours = { from: '12:00', to: '12:01' };
  const clocks = labClocks();
  const gate = compileGate(paperOf(LOOPBACK, '', { hours }), clocks);
  const address = parseIpv4('127.64.0.9') as number;
  clocks.pass(MINUTE - 1);
  assert.equal(gate.refuses(address, 23, 'sweep'), undefined);
  clocks.pass(1);
  assert.equal(gate.refuses(address, 23, 'sweep'), 'outside-hours');
});

test('before the first look at the clock no frame passes; after it, a frame is asked nothing of the clock', () => {
  const clocks = labClocks();
  const gate = compileReal(paperOf(LOOPBACK), clocks);
  const address = parseIpv4('127.64.0.9') as number;
  assert.equal(gate.refusesFrame(address, 23, 'sweep'), 'consent-expired');
  assert.equal(gate.now(), undefined);
  assert.equal(gate.refusesFrame(address, 23, 'sweep'), undefined);
  gate.exclude([{ family: 4, base: BigInt(address), length: 32 }]);
  assert.equal(gate.refusesFrame(address, 23, 'sweep'), 'excluded', 'an exclusion needs no look at the clock');
});
