import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createTransport } from 'nodemailer';
import { BOUNCES, bounces, type Mail, type Mailbox, openMailbox } from './mailbox.ts';
import { mailboxPages } from './mailbox-pages.ts';

const names = Array.from({ length: 3_000 }, (_, i) => `mn-${String(i).padStart(7, '0')}@minato.example`);
const good = names.find(n => !bounces('s', n)) as string;
const bad = names.find(n => bounces('s', n)) as string;

describe('the rehearsal’s mailbox', () => {
  let dir: string;
  let mailbox: Mailbox;
  const heard: Mail[] = [];
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'notice-mail-'));
    mailbox = await openMailbox({ folder: dir, seed: 's' });
    mailbox.onMail(mail => heard.push(mail));
  });
  after(async () => {
    await mailbox.close();
    rmSync(dir, { recursive: true });
  });
  const post = (to: string, more: object = {}) =>
    createTransport({ host: '127.0.0.1', port: mailbox.port, secure: false, ignoreTLS: true }).sendMail({
      from: 'alerts@rehearsal.example',
      to,
      subject: '【訓練】お知らせ <b>',
      text: 'お知らせ番号 1234-5678-90123',
      html: '<p>本文</p><script>alert(1)</script>',
      ...more,
    });

  it('keeps what was sent, tells whoever listens, and still has it after a restart', async () => {
    await post(good);
    assert.equal(heard.length, 1);
    assert.deepEqual([heard[0]?.to, heard[0]?.subject, heard[0]?.n], [good, '【訓練】お知らせ <b>', 1]);
    assert.match(heard[0]?.text ?? '', /1234-5678-90123/);
    const again = await openMailbox({ folder: dir, seed: 's' });
    assert.deepEqual(again.mails, mailbox.mails);
    await again.close();
  });

  it('refuses the same few recipients every time, while the sender listens', async () => {
    await assert.rejects(post(bad), { responseCode: 550 });
    await assert.rejects(post(bad), { responseCode: 550 });
    assert.equal(mailbox.bounced.get(bad), 2);
    assert.equal(heard.length, 1);
    const share = names.filter(n => bounces('s', n)).length / names.length;
    assert.ok(Math.abs(share - BOUNCES) < 0.02, `${share}`);
  });

  it('shows mails and letters, marked as a rehearsal, with nothing a mail says taken as markup', async () => {
    writeFileSync(join(dir, 'MN-1.pdf'), '%PDF-1.7');
    const app = mailboxPages(mailbox, [{ isp: 'minato_dhcp', name: 'Minato', folder: dir }]);
    const get = async (path: string) => {
      const answer = await app.request(path);
      return {
        status: answer.status,
        text: await answer.text(),
        policy: answer.headers.get('content-security-policy'),
      };
    };
    const list = await get('/');
    assert.match(list.text, /訓練 \/ REHEARSAL/);
    assert.match(list.text, /お知らせ &lt;b&gt;/);
    assert.match(list.policy ?? '', /^default-src 'none'/);
    const one = await get('/mail/1');
    assert.ok(one.text.includes('1234-5678-90123') && !one.text.includes('<script'));
    assert.match((await get('/mail/1/html')).policy ?? '', /sandbox/);
    assert.equal((await get('/mail/2')).status, 404);
    assert.match((await get('/letters')).text, /MN-1\.pdf/);
    assert.equal((await get('/letters/minato_dhcp/MN-1.pdf')).text, '%PDF-1.7');
    for (const path of [
      '/letters/minato_dhcp/000001.eml',
      '/letters/minato_dhcp/..%2fx.pdf',
      '/letters/other/MN-1.pdf',
    ])
      assert.equal((await get(path)).status, 404, path);
  });
});
