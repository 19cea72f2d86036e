/** Alerts over a mail server nobody here wrote: what it delivers, what it refuses, and the bounce it writes itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { readBounce } from '../../src/isp/alert/bounce.ts';
import { type Mailer, openMailer } from '../../src/isp/alert/mail.ts';
import { mailText } from '../../src/isp/alert/mail-text.ts';
import { SAMPLE_CONTACT, sampleContent } from '../../src/isp/alert/sample.ts';
import { type OpenSmtpd, startOpenSmtpd } from '../real/opensmtpd.ts';

const DOMAIN = 'minato.example';
const FAR = 'far.example';
const alert = (n: number) => `alert-${String(n).padStart(32, '0')}`;
const to = (email: string) => [sampleContent({ contact: { ...SAMPLE_CONTACT, email } })];

const folder = mkdtempSync(join(tmpdir(), 'notice-smtpd-'));
let server: OpenSmtpd;
let mailer: Mailer;

before(async () => {
  server = await startOpenSmtpd(folder, { domain: DOMAIN, users: ['taro', 'bounce'], farDomain: FAR });
  mailer = openMailer({ host: '127.0.0.1', port: server.port, domain: DOMAIN, timeoutMs: 5_000 });
});
after(async () => {
  mailer?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The first delivered message that fits, within ten seconds. */
async function delivered(fits: (raw: string) => boolean): Promise<string> {
  for (let n = 0; n < 200; n++) {
    const found = server.mails().find(fits);
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new assert.AssertionError({ message: `nothing of the kind was delivered:\n${server.log()}` });
}

test('an alert lies in its recipient’s Maildir as it was meant', async () => {
  const content = to(`taro@${DOMAIN}`);
  assert.deepEqual(await mailer.send(alert(1), content), { result: 'sent' });
  const raw = await delivered(text => text.includes(alert(1)));
  const mail = await simpleParser(Buffer.from(raw, 'latin1'));
  const meant = mailText(content);
  assert.equal(mail.subject, meant.subject);
  assert.match(mail.subject ?? '', /【訓練 \/ REHEARSAL】/);
  assert.equal(mail.messageId, `<${alert(1)}@${DOMAIN}>`);
  assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
  assert.ok(raw.startsWith(`Return-Path: <bounce+${alert(1)}@${DOMAIN}>`));
  assert.equal((mail.text ?? '').trim(), meant.text.replaceAll('\r\n', '\n').trim());
  // A subscriber's mail is no delivery report.
  assert.equal(await readBounce(raw, DOMAIN), undefined);
});

test('a hundred and one alerts in one go all arrive, past the messages it takes on one session', async () => {
  for (let n = 100; n <= 200; n++)
    assert.deepEqual(await mailer.send(alert(n), to(`taro@${DOMAIN}`)), { result: 'sent' }, `alert ${n}`);
  for (let n = 100; n <= 200; n++) await delivered(text => text.includes(alert(n)));
  assert.equal(server.mails().filter(text => /^message-id: <alert-0{29}[12]\d\d@/im.test(text)).length, 101);
});

test('a recipient it does not know is refused in the conversation, and nothing is delivered', async () => {
  const handed = await mailer.send(alert(2), to(`jiro@${DOMAIN}`));
  assert.equal(handed.result, 'refused');
  assert.match((handed as { why: string }).why, /550/);
  assert.ok(server.mails().every(text => !text.includes(alert(2))));
  // The connection is good for the next one.
  assert.deepEqual(await mailer.send(alert(3), to(`taro@${DOMAIN}`)), { result: 'sent' });
});

test('what it took and could not pass on comes back as its own bounce, of the right alert', async () => {
  assert.deepEqual(await mailer.send(alert(4), to(`saburo@${FAR}`)), { result: 'sent' });
  const raw = await delivered(text => /^content-type: message\/delivery-status/im.test(text));
  assert.match(raw, /^content-type: multipart\/mixed/im);
  assert.deepEqual(await readBounce(raw, DOMAIN), { alertId: alert(4), failed: true, status: '5.0.0' });
  assert.equal(await readBounce(raw, 'somebody-else.example'), undefined);
});
