/** "This is not mine", from the form and the telephone to the ISP that alerted: the real store, its real logins, the real interface. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inquiriesIn } from '../../src/desk/inquiries.ts';
import { answerInquiry, closeInquiry, openInquiry } from '../../src/desk/inquiry.ts';
import { exchangeApi } from '../../src/exchange/api.ts';
import { ExchangeClient } from '../../src/exchange/client.ts';
import { makeSigningKey } from '../../src/mandate/keys.ts';
import type { InquiryChannel, InquiryOutcome } from '../../src/record/inquiry.ts';
import { DAY, dayOf } from '../../src/record/instant.ts';
import { openStore } from '../../src/store/open.ts';
import { caseIdOf, putCase } from './centre-tables.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-notices-'));
const store = await openStore({ dir: join(dir, 'store') });
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

let now = Date.UTC(2026, 10, 24, 1);
const clocks = { calendar: () => now, monotonic: () => 0 };
const keys = { 'isp-a': makeSigningKey(), 'isp-b': makeSigningKey() };
const isps = Object.fromEntries(
  Object.entries(keys).map(([isp, k]) => [isp, [{ key: k.key, publicKey: k.publicKey }]]),
);
const api = exchangeApi({ db: store.centre(), clocks, isps });
const noticesOf = (isp: keyof typeof keys) =>
  new ExchangeClient({
    baseUrl: 'http://127.0.0.1:1',
    isp,
    key: keys[isp],
    clocks,
    fetch: (async (input: URL, init?: RequestInit) => await api.fetch(new Request(input, init))) as typeof fetch,
  }).notices();
let chance = 0;
const random = (n: number) => Uint8Array.from({ length: n }, () => (chance = (chance * 73 + 41) % 251));
const inquiries = inquiriesIn(store.web());
async function says(channel: InquiryChannel, topic: string, caseId: string | null, outcome?: InquiryOutcome) {
  const question = 'I am Tanaka of 3-12-5 and have no camera';
  const opened = openInquiry({ channel, caseId, topic, question, callback: '03-1234-5678' }, now, random);
  assert.ok(opened.ok);
  await inquiries.open(opened.inquiry);
  await inquiries.open(opened.inquiry);
  if (outcome) await inquiries.update(closeInquiry(answerInquiry(opened.inquiry, 'guessable'), outcome, now));
}

test('an ISP hears of its own disputed cases and of no other, without a word of who said so', async () => {
  const db = store.centre();
  for (const [n, isp] of ['isp-a', 'isp-a', 'isp-b', 'isp-a'].entries()) {
    await putCase(db, { n, isp });
    await db
      .insertInto('bundle_row')
      .values({ isp, seq: 1, case_id: caseIdOf(n), type: 'case', finding_id: null })
      .execute();
  }
  await says('form', 'not-mine', caseIdOf(0));
  await says('telephone', 'which-device', caseIdOf(1), 'wrong-person');
  await says('form', 'not-mine', caseIdOf(2));
  await says('form', 'how-to-fix', caseIdOf(3), 'solved');
  await says('form', 'not-mine', null);
  const heard = await noticesOf('isp-a');
  assert.deepEqual(
    heard.map(n => [n.caseId, n.by, n.day]).sort(),
    [
      [caseIdOf(0), 'owner', dayOf(now)],
      [caseIdOf(1), 'desk', dayOf(now)],
    ].sort(),
  );
  assert.deepEqual(Object.keys(heard[0] ?? {}).sort(), ['by', 'caseId', 'day', 'id', 'notice']);
  assert.doesNotMatch(JSON.stringify(heard), /Tanaka|1234|Q-/);
  assert.deepEqual(
    (await noticesOf('isp-b')).map(n => n.caseId),
    [caseIdOf(2)],
  );
  assert.deepEqual(await noticesOf('isp-a'), heard, 'the same again until it is too old');
  now += 91 * DAY;
  assert.deepEqual(await noticesOf('isp-a'), []);
});

test('the centre can read a dispute and can neither make nor change one', async () => {
  const centre = store.centre() as unknown as ReturnType<typeof store.web>;
  const table = centre.withSchema('web');
  const row = { id: 'dispute-x', case_id: 'c', told_by: 'owner', told_at: 1 } as const;
  await assert.rejects(table.insertInto('dispute').values(row).execute(), /permission denied/);
  await assert.rejects(table.updateTable('dispute').set({ case_id: 'x' }).execute(), /permission denied/);
});
