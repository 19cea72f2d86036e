import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Device } from '../../record/observation.ts';
import { FIRMWARE } from './ranges.ts';
import { firmwareState } from './state.ts';
import { compareTokens, tokensOf } from './version.ts';

const tn = (firmware?: string): Device => ({
  vendor: 'Tsukuba Net',
  model: 'TN-1600',
  confidence: 0.9,
  ...(firmware === undefined ? {} : { firmware }),
});

test('ranges are half-open', () => {
  for (const [version, state] of [
    ['1.00.00', 'vulnerable'],
    ['1.04.12', 'vulnerable'],
    ['1.4.12', 'vulnerable'],
    ['1.04.99', 'vulnerable'],
    ['1.05.00', 'fixed'],
    ['1.05', 'fixed'],
    ['1.5.3', 'fixed'],
    ['1.10.00', 'fixed'],
    ['2.0', 'fixed'],
    ['0.99.99', 'undetermined'],
  ] as const)
    assert.equal(firmwareState(tn(version)), state, version);
});

test('another shape, or none, is undetermined; another product is unknown', () => {
  for (const version of ['', '1.04.12b', '1', 'beta', '1..4', '1.04.12-rc1', '1.4.'])
    assert.equal(firmwareState(tn(version)), 'undetermined', version);
  assert.equal(firmwareState(tn()), 'undetermined');
  assert.equal(firmwareState({ confidence: 0 }), null);
  assert.equal(firmwareState({ ...tn('1.04.12'), model: 'TN-1700' }), null);
});

test('no text that is not a version is ever vulnerable', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      if (tokensOf('dotted', text) === undefined) assert.equal(firmwareState(tn(text)), 'undetermined');
    }),
  );
});

test('comparison is an order', () => {
  const version = fc.array(fc.nat(30), { minLength: 2, maxLength: 5 }).map(n => n.join('.'));
  const of = (text: string) => tokensOf('letter-suffix', text) as readonly number[];
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareTokens(of(a), of(b))), -Math.sign(compareTokens(of(b), of(a))) + 0);
      if (compareTokens(of(a), of(b)) <= 0 && compareTokens(of(b), of(c)) <= 0)
        assert.ok(compareTokens(of(a), of(c)) <= 0);
    }),
  );
  assert.ok(compareTokens(of('2.10b'), of('2.10')) > 0 && compareTokens(of('2.10b'), of('2.11')) < 0);
});

test('every range in the data can be read', () => {
  for (const { shape, vulnerable } of FIRMWARE)
    for (const { from, to } of vulnerable) {
      const [first, fixed] = [tokensOf(shape, from), tokensOf(shape, to)];
      assert.ok(first && fixed && compareTokens(first, fixed) < 0);
    }
});
