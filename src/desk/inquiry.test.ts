import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Inquiry } from '../record/inquiry.ts';
import { DAY } from '../record/instant.ts';
import { type Asking, answerInquiry, closeInquiry, forgetWords, inquiryId, openInquiry } from './inquiry.ts';

const random = (n: number) => Uint8Array.from({ length: n }, (_, i) => i * 37);
const asking: Asking = { channel: 'form', caseId: null, topic: 'other', question: 'どうすれば？', callback: '' };

const opened = (changes: Partial<Asking> = {}): Inquiry => {
  const result = openInquiry({ ...asking, ...changes }, 1000, random);
  assert.ok(result.ok);
  return result.inquiry;
};

test('an inquiry needs a topic and words, and nothing else', () => {
  assert.equal(opened().callback, null);
  assert.equal(opened({ callback: '03-1234-5678' }).callback, '+81312345678');
  assert.deepEqual(openInquiry({ ...asking, topic: 'x', question: ' ', callback: '+1 2025550100' }, 0, random), {
    ok: false,
    faults: ['topic', 'question-empty', 'callback-abroad'],
  });
  assert.deepEqual(openInquiry({ ...asking, question: 'a'.repeat(2001) }, 0, random), {
    ok: false,
    faults: ['question-long'],
  });
});

test('control characters go, line ends stay', () => {
  assert.equal(opened({ question: 'a\r\nb\u0000\u001b[31mc' }).question, 'a\nb  [31mc');
});

test('an inquiry id can be read out and cannot be guessed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), bytes => {
      assert.match(
        inquiryId(() => bytes),
        /^Q-[A-HJKMNP-TV-Z0-9]{5}-[A-HJKMNP-TV-Z0-9]{5}$/,
      );
    }),
  );
});

test('answered from a page, closed once, with the number dropped', () => {
  const answered = answerInquiry(opened({ callback: '03-1234-5678' }), 'guessable');
  assert.equal(answered.answeredFrom, 'fix/guessable');
  const closed = closeInquiry(answered, 'solved', 2000);
  assert.deepEqual([closed.outcome, closed.closedAt, closed.callback], ['solved', 2000, null]);
  assert.deepEqual(closeInquiry(closed, 'refuses', 3000), closed);
  assert.deepEqual(answerInquiry(closed, 'firmware'), closed);
});

test('words and number are kept 30 days and not a millisecond more', () => {
  const inquiry = opened({ callback: '03-1234-5678' });
  assert.deepEqual(forgetWords(inquiry, 1000 + 30 * DAY - 1), inquiry);
  const forgotten = forgetWords(inquiry, 1000 + 30 * DAY);
  assert.deepEqual([forgotten.question, forgotten.callback, forgotten.topic], ['', null, 'other']);
});
