import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEngine, hasNetRaw } from './choose.ts';

const away = [{ from: 0x0a000000, to: 0x0a0000ff, isp: 'a' }];
const loopback = [...away, { from: 0x7f400000, to: 0x7f4000ff, isp: 'b' }];

test('auto: raw frames where they are allowed and there is a network; it always says why', () => {
  assert.deepEqual(
    [chooseEngine('auto', away, true), chooseEngine('auto', away, false), chooseEngine('auto', loopback, true)].map(
      ({ engine, driver }) => [engine, driver],
    ),
    [
      ['packet', 'mmsg'],
      ['connect', 'auto'],
      ['connect', 'auto'],
    ],
  );
  assert.match(chooseEngine('auto', away, false).note, /CAP_NET_RAW/);
  assert.match(chooseEngine('auto', loopback, true).note, /loopback/);
});

test('what is asked for is what one gets', () => {
  for (const name of ['mmsg', 'xdp', 'dry'] as const)
    assert.deepEqual(chooseEngine(name, loopback, false), { engine: 'packet', driver: name, note: '' });
  assert.equal(chooseEngine('connect', away, true).engine, 'connect');
});

test('the capability is read from its bit', () => {
  assert.equal(hasNetRaw('Name:\tnode\nCapEff:\t0000000000002000\n'), true);
  assert.equal(hasNetRaw('CapEff:\t000001ffffffffff\n'), true);
  assert.equal(hasNetRaw('CapEff:\t000001ffffffdfff\n'), false);
  assert.equal(hasNetRaw('nothing'), false);
});
