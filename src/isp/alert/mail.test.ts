import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { readBounce } from './bounce.ts';
import { openMailer } from './mail.ts';
import { mailText } from './mail-text.ts';
import { SAMPLE_CONTACT, SAMPLE_ISSUER, sampleContent } from './sample.ts';

const ID = `alert-${'0123456789abcdef'.repeat(2)}`;
const DOMAIN = 'minato.example';
const taken: { from: string; mail: ParsedMail; raw: string }[] = [];
const sink = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  onRcptTo: (address, _session, done) => {
    const code = /refused/.test(address.address) ? 550 : /full/.test(address.address) ? 452 : undefined;
    done(code ? Object.assign(new Error('no'), { responseCode: code }) : undefined);
  },
  onData: (stream, session, done) => {
    const parts: Buffer[] = [];
    stream.on('data', part => parts.push(part));
    stream.on('end', async () => {
      const raw = Buffer.concat(parts).toString('latin1');
      taken.push({
        from: (session.envelope.mailFrom as { address: string }).address,
        raw,
        mail: await simpleParser(raw),
      });
      if (session.envelope.rcptTo[0]?.address.startsWith('lost')) {
        // Taken, but the answer never arrives.
        for (const connection of (sink as unknown as { connections: Set<{ _socket: { destroy(): void } }> })
          .connections)
          connection._socket.destroy();
        return;
      }
      done();
    });
  },
});
sink.on('error', () => {});
await new Promise<void>(resolve => sink.listen(0, '127.0.0.1', resolve));
const { port } = sink.server.address() as AddressInfo;
const mailer = openMailer({ host: '127.0.0.1', port, domain: DOMAIN, timeoutMs: 3_000 });
after(() => {
  mailer.close();
  sink.close(() => {});
});
const to = (email: string) => [sampleContent({ contact: { ...SAMPLE_CONTACT, email } })];

test('a mail arrives as it was meant', async () => {
  assert.deepEqual(await mailer.send(ID, [sampleContent()]), { result: 'sent' });
  const { mail, from, raw } = taken.at(-1)!;
  assert.equal(mail.subject, 'みなと通信（架空）：【訓練 / REHEARSAL】機器についてのお知らせ（1234-5678-90128）');
  assert.equal(mail.messageId, `<${ID}@${DOMAIN}>`);
  assert.equal(from, `bounce+${ID}@${DOMAIN}`);
  assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
  assert.equal((mail.to as AddressObject).value[0]?.name, '𠮷野 凜');
  assert.doesNotMatch(raw.split('\r\n\r\n')[0] as string, /^x-|^precedence|^list-/im);
  assert.equal(mail.attachments.length, 0);
  assert.match(mail.text ?? '', /費用はかかりません。/);
  assert.match(mail.text ?? '', /It costs you nothing\./);
  assert.ok((mail.text ?? '').indexOf('費用は') < (mail.text ?? '').indexOf('It costs'));
  assert.match(mail.text ?? '', /0000-00-0000\n通話料無料・固定電話・携帯電話から・毎日10時から18時/);
});

test('text and HTML say the same words; nothing remote, no tracking, no raw markup from data', () => {
  const contact = { ...SAMPLE_CONTACT, name: '<img src=x> & "co"', language: 'en' as const };
  const mail = mailText([sampleContent({ contact }), sampleContent({ kind: 'firmware', alertCode: '2345678901230' })]);
  const words = (text: string) => text.replace(/[\s■]|-{20,}|^\d\. /gm, '');
  const fromHtml = mail.html
    .replace(/<title>.*?<\/title>/, '')
    .replace(/<[^>]+>/g, '\n')
    .replace(
      /&lt;|&gt;|&quot;|&#39;|&amp;/g,
      e => ({ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' })[e] as string,
    );
  assert.equal(words(fromHtml), words(mail.text));
  assert.doesNotMatch(mail.html, /<(img|script|link|iframe)|\ssrc=["']|url\(|@import/i);
  assert.deepEqual(
    [...new Set([...mail.html.matchAll(/href="([^"]+)"/g)].map(m => m[1]))],
    ['https://notice.example/c/1234567890128'],
  );
  assert.ok(mail.text.indexOf('It costs') < mail.text.indexOf('費用は'), 'the customer reads English first');
  assert.match(mail.subject, /^Minato Broadband \(fictional\): 【訓練 \/ REHEARSAL】.*1234-5678-90128/);
  const real = mailText([sampleContent({ issuer: { ...SAMPLE_ISSUER, rehearsal: false } })]);
  assert.doesNotMatch(real.subject + real.text + real.html, /REHEARSAL|訓練 /);
});

test('refused for good, busy for now, nobody there, and taken without an answer are four different things', async () => {
  assert.equal((await mailer.send(ID, to('refused@minato.example'))).result, 'refused');
  assert.equal((await mailer.send(ID, to('full@minato.example'))).result, 'later');
  const nobody = openMailer({ host: '127.0.0.1', port: 1, domain: DOMAIN, timeoutMs: 2_000 });
  assert.equal((await nobody.send(ID, to('a@minato.example'))).result, 'later');
  nobody.close();
  const before = taken.length;
  assert.equal((await mailer.send(ID, to('lost@minato.example'))).result, 'in-doubt');
  assert.equal(taken.length, before + 1, 'it was not sent again behind our back');
});

const report = (action: string, options: { mixed?: boolean; to?: string; inner?: string } = {}) =>
  [
    'From: MAILER-DAEMON@mail.example',
    `To: ${options.to ?? `bounce+${ID}@${DOMAIN}`}`,
    'Subject: status',
    'MIME-Version: 1.0',
    `Content-Type: ${options.mixed ? 'multipart/mixed' : 'multipart/report; report-type=delivery-status'}; boundary="b"`,
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'action: failed is what this text says',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.example',
    '',
    'Final-Recipient: rfc822; x@minato.example',
    `Action: ${action}`,
    'Status: 5.1.1',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${options.inner ?? `<${ID}@${DOMAIN}>`}`,
    '',
    '--b--',
    '',
  ].join('\r\n');

test('a bounce names its alert; delayed is not failed; what is not ours is nothing', async () => {
  assert.deepEqual(await readBounce(report('failed'), DOMAIN), { alertId: ID, failed: true, status: '5.1.1' });
  assert.deepEqual(await readBounce(report('Failed', { mixed: true, to: 'postmaster@x.example' }), DOMAIN), {
    alertId: ID,
    failed: true,
    status: '5.1.1',
  });
  for (const action of ['delayed', 'relayed', 'delivered', 'expanded', ''])
    assert.equal((await readBounce(report(action), DOMAIN))?.failed, false, action);
  const foreign = { to: 'somebody@x.example', inner: `<${ID}@elsewhere.example>` };
  assert.equal(await readBounce(report('failed', foreign), DOMAIN), undefined);
  assert.equal(await readBounce('Subject: out of office\r\n\r\nI am away', DOMAIN), undefined);
  assert.equal(await readBounce(Buffer.alloc(3_000_000, 65), DOMAIN), undefined);
});
