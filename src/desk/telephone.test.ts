import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTelephone } from './telephone.ts';

test('a number of Japan becomes E.164, however it is typed', () => {
  for (const [typed, e164] of [
    ['03-1234-5678', '+81312345678'],
    ['０３（１２３４）５６７８', '+81312345678'],
    ['+81 3 1234 5678', '+81312345678'],
    ['+81 (0)3-1234-5678', '+81312345678'],
    ['090 1234 5678', '+819012345678'],
    ['050ー1234ー5678', '+815012345678'],
    ['0120-123-456', '+81120123456'],
    ['0800-123-4567', '+818001234567'],
  ] as const)
    assert.deepEqual(readTelephone(typed), { ok: true, e164 }, typed);
});

test('what cannot be rung at an ordinary charge is refused, with the reason', () => {
  for (const [typed, why] of [
    ['', 'not-a-number'],
    ['call me', 'not-a-number'],
    ['110', 'not-a-number'],
    ['+1 202 555 0100', 'abroad'],
    ['00 1 202 555 0100', 'abroad'],
    ['0570-123-456', 'charged'],
    ['0990-123-456', 'charged'],
    ['03-1234-567', 'length'],
    ['090-1234-567', 'length'],
    ['03-1234-5678\r\nX: y', 'not-a-number'],
  ] as const)
    assert.deepEqual(readTelephone(typed), { ok: false, why }, typed);
});

test('whatever is typed, the answer is a Japanese E.164 number or a reason', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'+0123456789-（） ') })),
      typed => {
        const read = readTelephone(typed);
        if (read.ok) assert.match(read.e164, /^\+81[1-9]\d{8,9}$/);
      },
    ),
  );
});
