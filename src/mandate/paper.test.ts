import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Lab, LabOptions } from '../../test/mandate/lab-paper.ts';
import {
  consentBody,
  ISPS,
  ispKey,
  KEYS,
  labBody,
  labClocks,
  makeLab,
  NOW,
  pinOf,
} from '../../test/mandate/lab-paper.ts';
import { Fault } from '../record/fault.ts';
import { DAY, isoOf } from '../record/instant.ts';
import { compileGate } from './gate.ts';
import { makeSigningKey, signBody } from './keys.ts';
import { tryLimitsOf } from './try-limits.ts';

/** Loads and compiles the spoilt lab and returns the fault; fails when nothing is refused. */
function refusal(spoil: (lab: Lab) => void, options: LabOptions = {}, at = NOW): Fault {
  const lab = makeLab(options);
  try {
    spoil(lab);
    compileGate(lab.load(), labClocks(at));
  } catch (thrown) {
    assert.ok(thrown instanceof Fault, `not a fault: ${thrown}`);
    assert.equal(thrown.exit, 3);
    assert.ok(!thrown.message.includes('\n'), 'one line');
    assert.ok(thrown.message.includes(lab.dir), 'says which file');
    return thrown;
  } finally {
    lab.remove();
  }
  return assert.fail('it was allowed');
}
const none = () => {};

test('a complete paper loads and compiles', () => {
  const lab = makeLab();
  const paper = lab.load();
  assert.equal(compileGate(paper, labClocks()).digest, paper.digest);
  assert.equal(paper.consents.length, 2);
  lab.remove();
});

/** Every member of the body by path; of lists, those of the first item. */
function members(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return members(value[0], [...path, 0]);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => [[...path, name], ...members(inner, [...path, name])]);
}

/** What a mandate need not say. Its silence is cautious, see try-limits.ts. */
const OPTIONAL = ['triesPerDevicePerRound', 'triesPer24PerDay', 'triesPerIspPerDay'];

test('a mandate that lacks any one member is refused, though both have signed it', () => {
  const all = members(labBody()).filter(path => !OPTIONAL.includes(String(path.at(-1))));
  assert.ok(all.length > 50, `${all.length} members`);
  const lab = makeLab();
  for (const path of all) {
    const body = structuredClone(labBody()) as unknown as Record<string, unknown>;
    let at = body;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
    delete at[path.at(-1) as string];
    lab.write(body);
    assert.throws(
      () => lab.load(),
      (fault: unknown) =>
        fault instanceof Fault && fault.exit === 3 && /mandate\.json:\d+: ".*" is missing; /.test(fault.message),
      path.join('.'),
    );
  }
  lab.remove();
});

test('a mandate whose member is empty, of another kind, unknown or a placeholder is refused', () => {
  const lab = makeLab();
  for (const path of members(labBody()))
    for (const wrong of ['', null, [], {}, 'FILL IN: it', -1]) {
      const body = structuredClone(labBody()) as unknown as Record<string, unknown>;
      let at = body;
      for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
      at[path.at(-1) as string] = wrong;
      lab.write(body);
      assert.throws(() => lab.load(), Fault, `${path.join('.')} = ${JSON.stringify(wrong)}`);
    }
  lab.write({ ...labBody(), onlyIf: 'the moon is full' });
  assert.throws(() => lab.load(), /"body.onlyIf" is no member of a mandate/);
  lab.remove();
});

test('unsigned, once signed, signed by strangers, by one key twice, or edited after signing: refused', () => {
  const stranger = makeSigningKey();
  const body = labBody();
  assert.match(refusal(none, { sign: [] }).message, /the operator has not signed/);
  assert.match(refusal(none, { sign: ['operator'] }).message, /the authority has not signed/);
  assert.match(refusal(none, { sign: ['authority'] }).message, /the operator has not signed/);
  const by = (...pairs: [string, typeof stranger][]) => pairs.map(([as, key]) => signBody(body, as, key));
  for (const signatures of [
    by(['operator', KEYS.operator], ['authority', stranger]),
    by(['operator', stranger], ['authority', KEYS.authority]),
    by(['operator', KEYS.operator], ['authority', KEYS.operator]),
    by(['operator', KEYS.authority], ['authority', KEYS.operator]),
  ])
    assert.match(refusal(lab => lab.write(body, signatures)).message, /does not verify/);
  for (const path of members(body).filter(
    p => typeof p.reduce<never>((v, s) => v[s] as never, body as never) === 'string',
  )) {
    const fault = refusal(lab =>
      lab.edit('mandate.json', file => {
        let at = file.body as Record<string, unknown>;
        for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
        at[path.at(-1) as string] = `${at[path.at(-1) as string]} `;
        return file;
      }),
    );
    assert.ok(['signature', 'mandate-unreadable'].includes(fault.code), path.join('.'));
  }
});

test('the trust file must pin distinct keys under their own ids', () => {
  const same = refusal(lab => lab.edit('trust.json', t => ({ ...t, authority: [pinOf(KEYS.operator)] })));
  assert.match(same.message, /trust\.json:\d+: "authority" and "operator" have the same key/);
  const id = refusal(lab =>
    lab.edit('trust.json', t => ({ ...t, operator: [{ ...pinOf(KEYS.operator), key: '0'.repeat(16) }] })),
  );
  assert.match(id.message, /not of this key/);
});

test('the mandate must be in force and its sources public for seven days', () => {
  assert.match(refusal(none, {}, NOW + 21 * DAY).message, /mandate\.json:\d+: the mandate expired 2026-12-10/);
  assert.match(refusal(none, {}, NOW - 11 * DAY).message, /the mandate begins 2026-11-10/);
  const sources = { ...labBody().sources, publishedAt: isoOf(NOW - 7 * DAY + 1) };
  assert.match(refusal(none, { body: { sources } }).message, /published since 2026-11-13, less than seven days/);
  const lab = makeLab({ body: { sources: { ...sources, publishedAt: isoOf(NOW - 7 * DAY) } } });
  assert.equal(compileGate(lab.load(), labClocks()).refuses(0xc0000201, 23, 'sweep'), undefined);
  lab.remove();
});

test('consents: missing, expired, future, forged, by a stranger, overlapping, outside trust, not covering', () => {
  const [a, b] = ISPS as [(typeof ISPS)[0], (typeof ISPS)[0]];
  const isps = (change: object) => ({ isps: [a, { ...b, ...change }] });
  assert.match(
    refusal(none, isps({ signedAt: NOW - 40 * DAY })).message,
    /mandate\.json:\d+: consent of "isp-b" expired 2026-11-20; ask the ISP to sign a new list/,
  );
  assert.match(refusal(none, isps({ signedAt: NOW + 1 })).message, /consent of "isp-b" is signed in the future/);
  assert.match(refusal(lab => rmSync(join(lab.dir, 'consents/isp-b.json'))).message, /there is no consent of "isp-b"/);
  assert.match(
    refusal(lab => rmSync(join(lab.dir, 'consents'), { recursive: true })).message,
    /consents cannot be read/,
  );
  const forged = (lab: Lab, key = makeSigningKey()) => {
    const body = consentBody(b);
    writeFileSync(
      join(lab.dir, 'consents/isp-b.json'),
      JSON.stringify({ body, signatures: [signBody(body, 'isp-b', key)] }),
    );
  };
  assert.match(refusal(forged).message, /consent of "isp-b" is not signed with its key/);
  assert.match(refusal(lab => forged(lab, ispKey('isp-a'))).message, /not signed with its key/);
  assert.match(
    refusal(lab => lab.edit('trust.json', t => ({ ...t, isps: { 'isp-a': [pinOf(ispKey('isp-a'))] } }))).message,
    /no key of "isp-b" is pinned/,
  );
  assert.match(
    refusal(none, isps({ prefixes: ['192.0.2.128/26'] })).message,
    /consents\/isp-b\.json:\d+: 192\.0\.2\.128\/26 of "isp-b" overlaps 192\.0\.2\.0\/24 of "isp-a"/,
  );
  assert.match(
    refusal(none, { within: ['192.0.2.0/24', '198.51.100.0/25'] }).message,
    /lies outside the space the trust file allows/,
  );
  assert.match(
    refusal(none, { ...isps({ consented: ['198.51.100.0/25', '198.51.100.128/26'] }), within: ['0.0.0.0/0'] }).message,
    /mandate\.json:\d+: 198\.51\.100\.0\/24 is not in the consent of "isp-b"/,
  );
});

test("an ISP's newest list counts, whatever the file is called", () => {
  const [a, b] = ISPS as [(typeof ISPS)[0], (typeof ISPS)[0]];
  const lab = makeLab();
  const older = consentBody({ ...b, consented: ['198.51.100.0/24'], signedAt: NOW - 20 * DAY });
  writeFileSync(
    join(lab.dir, 'consents/older.json'),
    JSON.stringify({ body: older, signatures: [signBody(older, b.isp, ispKey(b.isp))] }),
  );
  assert.equal(lab.load().consents.find(c => c.body.isp === b.isp)?.body.signedAt, isoOf(NOW - 3 * DAY));
  const narrower = consentBody({ ...b, consented: ['198.51.100.0/26'], signedAt: NOW - 1 * DAY });
  writeFileSync(
    join(lab.dir, 'consents/0.json'),
    JSON.stringify({ body: narrower, signatures: [signBody(narrower, b.isp, ispKey(b.isp))] }),
  );
  assert.throws(() => lab.load(), /is not in the consent of "isp-b"/);
  assert.equal(a.isp, 'isp-a');
  lab.remove();
});

test('ceilings hold, and bind every scope that is not wholly loopback or private', () => {
  const fast = { ...labBody().limits, total: { perSecond: 20_001, burst: 1 } };
  const lab = { isp: 'isp-a', prefixes: ['127.64.0.0/16', '10.0.0.0/24'] };
  assert.match(
    refusal(none, { body: { limits: fast } }).message,
    /mandate\.json:\d+: "limits.total.perSecond" is 20001, above the ceiling of 20000/,
  );
  const { limits } = labBody();
  assert.match(
    refusal(none, { body: { limits: { ...limits, gapMs: 59_999 } } }).message,
    /below the least gap of 60000 ms/,
  );
  assert.match(
    refusal(none, { body: { limits: { ...limits, triesPerDevicePerDay: 25 } } }).message,
    /above the ceiling of 24/,
  );
  for (const [name, value] of [
    ['triesPerDevicePerRound', 1_001],
    ['triesPer24PerDay', 6_145],
    ['triesPerIspPerDay', 2_000_001],
  ] as const)
    assert.match(
      refusal(none, { body: { limits: { ...limits, [name]: value } } }).message,
      /above the ceiling of/,
      name,
    );
  const own = makeLab({ isps: [lab], body: { limits: { ...fast, gapMs: 300, triesPerDevicePerDay: 100 } } });
  compileGate(own.load(), labClocks());
  own.remove();
  refusal(none, { isps: [{ ...lab, prefixes: [...lab.prefixes, '192.0.2.0/32'] }], body: { limits: fast } });
});

test('a mandate that does not say what tries a /24 or an ISP bears gets cautious numbers, a laboratory none', () => {
  const { triesPer24PerDay: _, triesPerIspPerDay: __, triesPerDevicePerRound: ___, ...limits } = labBody().limits;
  const silent = makeLab({ body: { limits } });
  const { body } = silent.load().mandate;
  silent.remove();
  assert.deepEqual([tryLimitsOf(body).per24PerDay, tryLimitsOf(body).perIspPerDay], [512, 100_000]);
  assert.equal(tryLimitsOf(body, { of: 3 }).perIspPerDay, 33_333);
  assert.throws(() => tryLimitsOf(body, { of: 0 }), RangeError);
  const own = { ...body, targets: [{ isp: 'isp-a', prefixes: ['127.64.0.0/16'] }] };
  assert.equal(tryLimitsOf(own).per24PerDay, Number.POSITIVE_INFINITY);
  assert.equal(tryLimitsOf({ ...own, limits: { ...limits, triesPer24PerDay: 7 } }).per24PerDay, 7);
});

test('ports of medical, industrial and printing machines are refused even on loopback', () => {
  const isps = [{ isp: 'isp-a', prefixes: ['127.64.0.0/16'] }];
  for (const port of [502, 102, 9100, 631, 104, 11112, 47808, 1090, 10001, 44818, 55003]) {
    const ports = [{ port, protocol: 'telnet', acts: ['sweep'] }] as const;
    assert.match(refusal(none, { isps, body: { ports } }).message, /mandate\.json:\d+: port \d+ is never touched/);
  }
});

test('globally routed, reserved and wholly excluded space compile to nothing', () => {
  for (const prefix of ['8.8.8.0/24', '1.0.0.0/9', '100.64.0.0/10', '224.0.0.0/8', '0.0.0.0/8', '2001:db8::/32'])
    assert.match(refusal(none, { isps: [{ isp: 'isp-a', prefixes: [prefix] }] }).message, /no address may be probed/);
  assert.match(
    refusal(none, { exclusions: '192.0.2.0/24\n198.51.100.0/24\n' }).message,
    /every address of the mandate is excluded/,
  );
});

test('exclusions and catalogue must be there and be the right ones', () => {
  const file = (lab: Lab) => join(lab.dir, 'exclusions.txt');
  assert.equal(refusal(lab => rmSync(file(lab))).code, 'exclusions');
  assert.match(
    refusal(none, { exclusions: '# fine\n192.0.2.1\n192.0.2.1/24 host bits\n' }).message,
    /exclusions\.txt:3: /,
  );
  assert.equal(refusal(lab => rmSync(join(lab.dir, 'catalogue.json'))).code, 'catalogue');
  assert.match(
    refusal(lab => writeFileSync(join(lab.dir, 'catalogue.json'), '{}')).message,
    /is not catalogue lab-1 of the mandate/,
  );
});

test('files that are missing, empty, cut or written twice are refused with their line', () => {
  for (const name of ['mandate.json', 'trust.json', 'consents/isp-a.json']) {
    refusal(lab => rmSync(join(lab.dir, name)));
    refusal(lab => writeFileSync(join(lab.dir, name), ''));
    const cut = refusal(lab => {
      const text = readFileSync(join(lab.dir, name), 'utf8');
      writeFileSync(join(lab.dir, name), text.slice(0, text.length / 2));
    });
    assert.match(cut.message, /\.json:\d+: is not JSON here/);
  }
  const twice = refusal(lab => {
    const text = readFileSync(lab.mandate, 'utf8').replace('"id": "lab",', '"id": "lab",\n    "id": "lab",');
    writeFileSync(lab.mandate, text);
  });
  assert.match(twice.message, /mandate\.json:5: "body.id" is written twice/);
});
