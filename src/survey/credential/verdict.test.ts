import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFUSALS } from '../../mandate/authority.ts';
import { FIRMWARE_STATES, OUTCOMES, VERDICTS } from '../../record/observation.ts';
import { conclude, verdictOfDecoy, verdictOfIdentify, verdictOfRefusal } from './verdict.ts';

test('only a clear refusal of the decoy, of another shape, makes WEAK', () => {
  for (const outcome of OUTCOMES) {
    assert.equal(verdictOfDecoy(outcome, false) === 'WEAK', outcome === 'REJECT', outcome);
    assert.notEqual(verdictOfDecoy(outcome, true), 'WEAK', outcome);
  }
  assert.equal(verdictOfDecoy('REJECT', true), 'INCONCLUSIVE');
  assert.equal(verdictOfDecoy('ACCEPT', true), 'ACCEPTS_ANYTHING');
  for (const outcome of ['LOCKOUT', 'THROTTLED'] as const)
    assert.equal(verdictOfDecoy(outcome, false), 'WEAK_UNCONFIRMED', 'locked while it was controlled');
  for (const outcome of ['LOCAL_RESOURCE', 'CLOSED_AFTER_PASSWORD', 'NO_VERDICT', 'REFUSED'] as const)
    assert.equal(verdictOfDecoy(outcome, false), 'INCONCLUSIVE', 'neither reject nor accept');
});

test('a look alone never makes a weakness', () => {
  for (const outcome of OUTCOMES) {
    const verdict = verdictOfIdentify(outcome);
    assert.ok(!['WEAK', 'NO_AUTH', 'CLEAR'].includes(verdict ?? ''), outcome);
  }
});

test('a refusal of the gate is excluded or out of mandate, never a weakness', () => {
  for (const refusal of REFUSALS)
    assert.equal(
      verdictOfRefusal(refusal),
      refusal === 'excluded' ? 'EXCLUDED' : refusal === 'stopped' ? 'INCONCLUSIVE' : 'OUT_OF_MANDATE',
    );
});

test('what leaves the prober follows from the verdict, for every combination', () => {
  for (const verdict of VERDICTS)
    for (const firmwareState of [...FIRMWARE_STATES, null])
      for (const prompt of [true, false])
        for (const refusals of [0, 3])
          for (const complete of [true, false]) {
            const { reported, kinds, clears } = conclude({ verdict, firmwareState, prompt, refusals, complete });
            const row = JSON.stringify({ verdict, firmwareState, prompt, refusals, complete });
            assert.equal(kinds.includes('guessable'), verdict === 'WEAK', row);
            assert.equal(kinds.includes('no-login'), verdict === 'NO_AUTH', row);
            assert.equal(reported === 'positive', kinds.length > 0, row);
            assert.ok(!kinds.some(kind => clears.includes(kind)), row);
            if (clears.includes('guessable')) assert.ok(verdict === 'CLEAR' && complete, row);
            if (clears.includes('no-login')) assert.ok(prompt, row);
            if (['ACCEPTS_ANYTHING', 'SUSPECT_DECEPTION'].includes(verdict)) {
              assert.equal(reported, 'inconclusive', row);
              assert.deepEqual([kinds, clears], [[], []], row);
            }
          }
});
