/**
 * The post as its readers got it: mails that were really sent, letters as PDF. In: the mailbox, folders of letters. Out:
 * a Hono app. Mail comes from the programme under rehearsal, but its HTML is shown as a stranger's: no script, no network.
 */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Mailbox } from './mailbox.ts';

export interface LetterFolder {
  readonly isp: string;
  readonly name: string;
  readonly folder: string;
}

const CSS = `body{margin:0;font:18px/1.75 system-ui,sans-serif;color:#1a1a1c;background:#fff}
.band{background:#fdf3c8;border-bottom:1px solid #b78f00;padding:.3rem 1rem;text-align:center}
main{max-width:60rem;margin:0 auto;padding:1rem}h1{font-size:1.5rem}h2{font-size:1.2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}
.n{text-align:right;font-variant-numeric:tabular-nums}a{color:#0017c1}nav a{margin-right:1.5rem}
pre{white-space:pre-wrap;font:inherit;border:1px solid #ccc;padding:1rem}iframe{width:100%;height:40rem;border:1px solid #ccc}
@media(prefers-color-scheme:dark){body{color:#eee;background:#1a1a1c}.band{color:#1a1a1c}a{color:#9db7f9}}`;

type Html = ReturnType<typeof html>;

const page = (title: string, body: Html) => html`<!doctype html>
<html lang="ja">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · 訓練 / REHEARSAL</title><link rel="stylesheet" href="/mailbox.css"></head>
<body><div class="band">訓練 / REHEARSAL — nothing here left this machine</div>
<main><nav><a href="/">Mails · メール</a><a href="/letters">Letters · 手紙</a></nav><h1>${title}</h1>${body}</main></body></html>`;

const PER_PAGE = 200;
const PDF = /^[A-Za-z0-9._-]{1,120}\.pdf$/;

const pdfsIn = (folder: string): { name: string; size: number }[] => {
  try {
    return readdirSync(folder)
      .filter(name => PDF.test(name))
      .sort()
      .map(name => ({ name, size: statSync(join(folder, name)).size }));
  } catch {
    // No letter was written there yet.
    return [];
  }
};

export function mailboxPages(mailbox: Mailbox, letters: readonly LetterFolder[]): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    if (!c.res.headers.has('content-security-policy'))
      c.header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'",
      );
  });
  app.get('/mailbox.css', c => c.body(CSS, 200, { 'content-type': 'text/css; charset=utf-8' }));

  app.get('/', c => {
    const from = Math.max(0, Number(c.req.query('from') ?? 0) || 0);
    const newest = mailbox.mails.toReversed().slice(from, from + PER_PAGE);
    const rows = newest.map(
      m =>
        html`<tr><td class="n">${m.n}</td><td>${m.to}</td><td><a href="/mail/${m.n}">${m.subject || '(no subject)'}</a></td></tr>`,
    );
    const more = from + PER_PAGE < mailbox.mails.length;
    const refused = [...mailbox.bounced.values()].reduce((sum, n) => sum + n, 0);
    const body =
      newest.length === 0
        ? html`<p>No mail yet. Alerts are sent in the days after a round.</p>`
        : html`<p>${mailbox.mails.length} mails arrived; ${refused} deliveries were refused because the recipient does not exist.</p>
<table><thead><tr><th class="n">No.</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows}</tbody></table>
${more ? html`<p><a href="/?from=${from + PER_PAGE}">older</a></p>` : ''}`;
    return c.html(page('Mails · メール', body));
  });

  app.get('/mail/:n{[0-9]{1,9}}', c => {
    const mail = mailbox.mails[Number(c.req.param('n')) - 1];
    if (!mail) return c.html(page('Not here', html`<p>There is no such mail.</p>`), 404);
    const body = html`<table><tbody><tr><th>From</th><td>${mail.from}</td></tr><tr><th>To</th><td>${mail.to}</td></tr>
<tr><th>Date</th><td>${mail.date ?? ''}</td></tr><tr><th>Message-ID</th><td>${mail.messageId}</td></tr></tbody></table>
<h2>Text</h2><pre>${mail.text}</pre>
${mail.html === null ? '' : html`<h2>HTML</h2><iframe sandbox src="/mail/${mail.n}/html" title="the mail as HTML"></iframe>`}`;
    return c.html(page(mail.subject || '(no subject)', body));
  });

  app.get('/mail/:n{[0-9]{1,9}}/html', c => {
    const mail = mailbox.mails[Number(c.req.param('n')) - 1];
    if (mail?.html == null) return c.text('not found', 404);
    c.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'",
    );
    return c.html(mail.html);
  });

  app.get('/letters', c => {
    const lists = letters.map(({ isp, name, folder }) => {
      const files = pdfsIn(folder);
      const rows = files.map(
        f =>
          html`<tr><td><a href="/letters/${isp}/${f.name}">${f.name}</a></td><td class="n">${Math.ceil(f.size / 1024)}</td></tr>`,
      );
      return html`<h2>${name}</h2>${
        files.length === 0
          ? html`<p>No letter yet: letters follow where there is no e-mail address, or none that works.</p>`
          : html`<table><thead><tr><th>Letter</th><th class="n">KiB</th></tr></thead><tbody>${rows}</tbody></table>`
      }`;
    });
    return c.html(page('Letters · 手紙', html`${lists}`));
  });

  app.get('/letters/:isp/:file', c => {
    const folder = letters.find(l => l.isp === c.req.param('isp'))?.folder;
    const file = c.req.param('file');
    // Only names from the folder's own list: no path can be spelled in a name of this shape.
    if (!folder || !pdfsIn(folder).some(f => f.name === file)) return c.text('not found', 404);
    const stream = Readable.toWeb(createReadStream(join(folder, file))) as ReadableStream;
    return c.body(stream, 200, { 'content-type': 'application/pdf' });
  });
  return app;
}
