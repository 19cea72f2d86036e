import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { AlertContent } from '../../record/alert.ts';
import { FINDING_KINDS } from '../../record/glossary.ts';
import { openPress } from './letter.ts';
import { LONG_ENVELOPE } from './letter-data.ts';
import { SAMPLE_CONTACT, SAMPLE_ISSUER, sampleContent } from './sample.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-letter-'));
const press = openPress({ recycleAfter: 7 });
after(() => {
  press.close();
  rmSync(dir, { recursive: true, force: true });
});

async function printed(contents: readonly AlertContent[]): Promise<string> {
  const letter = await press.print(contents);
  assert.ok(letter.ok, letter.ok ? '' : letter.why);
  const file = join(dir, 'letter.pdf');
  writeFileSync(file, letter.pdf);
  return file;
}
const tool = (name: string, ...args: string[]) =>
  execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const squeezed = (text: string) => text.replace(/\s+/g, '');

test('the text layer of a letter, word for word', async () => {
  const file = await printed([sampleContent()]);
  const front = squeezed(tool('pdftotext', '-raw', '-l', '1', file, '-'));
  const back = tool('pdftotext', '-raw', '-f', '2', file, '-').replace(/\s+/g, ' ');
  for (const words of [
    '〒000-0123',
    '訓練県みなと市汐見町3丁目12-5',
    '𠮷野凜様',
    '訓練/REHEARSAL',
    '1234-5678-90128',
    '2026年11月24日（火）',
    '推測されやすいパスワードの機器が見つかりました',
    '費用はかかりません。',
    'おそらくUmibeCamView200です。',
    '確認した日時：2026年11月22日（日）10時30分ごろ（日本時間）',
    '1機器の設定画面を開きます。',
    '0000-00-0000通話料無料・固定電話・携帯電話から・毎日10時から18時（年末年始を除く）',
    'ブラウザーにnotice.exampleとご自分で入力し',
    '機器を管理している方へ',
  ])
    assert.ok(front.includes(words), `${words} is not on the front:\n${front}`);
  for (const words of [
    'A device with a password that is easy to guess',
    'It costs you nothing.',
    'Probably Umibe CamView 200.',
    'Seen on 22 November 2026, about 10:30 (Japan time).',
    '4 Enter your code on the site',
    'free of charge · from fixed and mobile telephones · every day 10:00 to 18:00 except at New Year',
  ])
    assert.ok(back.includes(words), `${words} is not on the reverse:\n${back}`);
});

test('two pages of A4, tagged, in our own fonts only', async () => {
  const file = await printed([sampleContent()]);
  const info = tool('pdfinfo', file);
  assert.match(info, /Pages: +2\n/);
  assert.match(info, /Tagged: +yes/);
  assert.match(info, /595\.276 x 841\.89 pts \(A4\)/);
  assert.match(tool('pdfinfo', '-meta', file), /pdfuaid:part>1/);
  const families = tool('pdffonts', file)
    .split('\n')
    .slice(2)
    .filter(Boolean)
    .map(line => line.split(/\s+/));
  assert.deepEqual([...new Set(families.map(f => f[0]?.split('+')[1]))].sort(), [
    'BIZUDPGothic-Bold',
    'BIZUDPGothic-Regular',
    'NotoSansJP-Regular',
  ]);
  assert.ok(families.every(f => f.includes('yes')));
  const tree = tool('pdfinfo', '-struct-text', file);
  assert.match(tree, /H1/);
  assert.match(tree, /Figure/);
  assert.match(tree, /LI/);
});

test('every kind, first and reminder, known and unknown model, up to three findings, fits two pages', async () => {
  for (const kind of FINDING_KINDS)
    for (const message of ['first', 'reminder'] as const)
      await printed([
        sampleContent({ kind, message, ...(message === 'reminder' ? { vendor: null, model: null } : {}) }),
      ]);
  for (const others of [
    ['guessable', 'firmware', 'infected'],
    ['no-login', 'guessable', 'firmware'],
    ['infected', 'reflector', 'no-login'],
  ] as const)
    await printed(
      others.map((kind, i) =>
        sampleContent({ kind, message: 'reminder', protocol: i ? 'http' : 'telnet', alertCode: `123456789012${i}` }),
      ),
    );
});

test('no letter rather than a wrong one: unknown characters, an address too long for the window', async () => {
  const named = (contact: Partial<typeof SAMPLE_CONTACT>) =>
    press.print([sampleContent({ contact: { ...SAMPLE_CONTACT, ...contact } })]);
  const face = await named({ name: '😀 凜' });
  assert.deepEqual(face, { ok: false, why: 'no font has U+1F600' });
  const long = await named({ address: ['訓練県みなと市汐見町三丁目'.repeat(8), 'メゾン若葉'.repeat(9)] });
  assert.ok(!long.ok && /does not fit the window/.test(long.why), JSON.stringify(long));
  const wordy = { ...SAMPLE_ISSUER, supportLines: Array.from({ length: 12 }, () => SAMPLE_ISSUER.supportLines[0]!) };
  const many = await press.print([sampleContent({ issuer: wordy })]);
  assert.ok(!many.ok && /pages instead of 2/.test(many.why), JSON.stringify(many));
});

test('a mark only when it is a rehearsal, and data is never read as template', async () => {
  const issuer = { ...SAMPLE_ISSUER, rehearsal: false };
  const contact = { ...SAMPLE_CONTACT, name: '#panic("x") $a$ *b* @c <d>' };
  const text = tool('pdftotext', '-raw', await printed([sampleContent({ issuer, contact })]), '-');
  assert.doesNotMatch(text, /REHEARSAL/);
  assert.ok(text.includes('#panic("x") $a$ *b* @c <d>'));
});

test('the ink of the address keeps its distance from the window edge', async () => {
  const file = await printed([sampleContent()]);
  const box = tool('pdftotext', '-bbox', '-l', '1', file, '-');
  const word = /xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</g;
  const mm = (points: string | undefined) => (Number(points) / 72) * 25.4;
  const keep = LONG_ENVELOPE.tolerance;
  let inside = 0;
  for (const [, x0, y0, x1, y1, text] of box.matchAll(word)) {
    const { left, top, width, height } = LONG_ENVELOPE;
    const apart = mm(x0) > left + width + keep || mm(x1) < left - keep || mm(y0) > top + height || mm(y1) < top - keep;
    if (apart) continue;
    inside++;
    assert.ok(
      mm(x0) >= left + keep && mm(x1) <= left + width - keep && mm(y0) >= top + keep && mm(y1) <= top + height - keep,
      `"${text}" can leave the window or show in it`,
    );
  }
  assert.ok(inside >= 4, 'nothing was in the window');
});
