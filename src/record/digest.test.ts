import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from './canonical.ts';
import { keyedHash, sha256 } from './digest.ts';

test('digests and keyed hashes are what node computes by itself, for any key and text', () => {
  const text = fc.string({ maxLength: 400, unit: 'grapheme' });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(text, { maxLength: 3 }), (key, parts) => {
      const whole = canonical(parts);
      assert.equal(sha256(whole), createHash('sha256').update(whole).digest('hex'));
      const expected = createHmac('sha256', key).update(whole).digest('hex').slice(0, 32);
      // Twice: the padded keys are kept between calls.
      assert.equal(keyedHash(key, ...parts), expected);
      assert.equal(keyedHash(key, ...parts), expected);
    }),
  );
});
