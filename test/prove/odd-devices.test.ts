import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ODD_DEVICES } from '../../src/rehearsal/odd-devices/collection.ts';
import { proveOddDevices } from './odd-devices.ts';

test('the proof of the odd devices at a small size: no claim, none missed, no hang, nothing after an accept', async () => {
  const proof = await proveOddDevices(2, ODD_DEVICES);
  assert.ok(proof.tried >= 4 * proof.personalities, `${proof.tried} devices`);
  const { claims, hangs, after_accept, over_budget, two_at_once } = proof;
  assert.deepEqual([claims, hangs, after_accept, over_budget, two_at_once], [0, 0, 0, 0, 0]);
  assert.deepEqual([proof.wrong, proof.missed, proof.ratio_found], [0, 0, 1]);
  // With one source alone those who take the n-th pair are believed: listed, not hidden.
  assert.ok(proof.exceptions.claimed > 0 && proof.exceptions.of > 0);
});
