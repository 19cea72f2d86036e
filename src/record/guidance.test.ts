import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINDING_KINDS } from './glossary.ts';
import { GUIDANCE } from './guidance.ts';

const words = (kind: (typeof FINDING_KINDS)[number], language: 'ja' | 'en') => {
  const g = GUIDANCE[kind][language];
  return [g.title, g.short, g.found, ...g.steps, g.cannot];
};

test('every kind has four steps in both languages', () => {
  for (const kind of FINDING_KINDS)
    for (const language of ['ja', 'en'] as const) assert.equal(GUIDANCE[kind][language].steps.length, 4);
});

test('no threat, no deadline, no blame, no exclamation mark', () => {
  const never =
    /[!！]|罰|違法|至急|緊急|期限|日以内|までに|停止します|your fault|urgent|immediately|must|within \d|deadline|legal/i;
  for (const kind of FINDING_KINDS)
    for (const language of ['ja', 'en'] as const)
      for (const text of words(kind, language)) assert.doesNotMatch(text, never);
});

test('English holds no Japanese and Japanese no long English', () => {
  for (const kind of FINDING_KINDS) {
    for (const text of words(kind, 'en')) assert.doesNotMatch(text, /[^\x20-\x7e]/);
    for (const text of words(kind, 'ja')) assert.doesNotMatch(text, /[a-z]{4,}/);
  }
});
