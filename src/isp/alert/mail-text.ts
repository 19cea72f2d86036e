/**
 * An alert as an e-mail's subject, text and HTML: the same words twice, both languages, the customer's own first. In: the
 * findings of one line. Out: strings. The HTML has no image, no style sheet, nothing remote: it cannot tell who read it.
 */

import type { AlertContent } from '../../record/alert.ts';
import { printAlertCode } from '../../record/alert-code.ts';
import { alertWords, codeUrl, type Language, MARK, type Words } from './words.ts';

type Block =
  | { readonly kind: 'title' | 'heading' | 'paragraph' | 'strong'; readonly text: string }
  | { readonly kind: 'steps'; readonly steps: readonly string[] }
  | { readonly kind: 'link'; readonly url: string };

const heading = (text: string): Block => ({ kind: 'heading', text });
const paragraphs = (texts: readonly string[]): Block[] => texts.map(text => ({ kind: 'paragraph', text }));

function blocksOf(words: Words, url: string, mark: string | null): Block[] {
  return [
    ...(mark ? [{ kind: 'strong', text: mark } as const] : []),
    { kind: 'title', text: words.title },
    ...paragraphs([words.greeting, ...words.opening]),
    ...words.codes.map((c): Block => ({ kind: 'strong', text: `${words.codeLabel} ${c.code} ${c.what}` })),
    heading(words.found.heading),
    ...paragraphs(words.found.text),
    heading(words.box.heading),
    ...paragraphs(words.box.text),
    heading(words.steps.heading),
    { kind: 'steps', steps: words.steps.text },
    heading(words.cannot.heading),
    ...paragraphs(words.cannot.text),
    heading(words.real.heading),
    ...paragraphs(words.real.text),
    { kind: 'link', url },
    heading(words.lines.heading),
    ...words.lines.rows.flatMap(row => [
      { kind: 'strong', text: `${row.name} ${row.number}` } as const,
      ...paragraphs([row.detail]),
    ]),
    ...paragraphs([words.date, ...words.returnTo]),
  ];
}

function plain(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `\n■ ${block.text}`;
    case 'steps':
      return block.steps.map((step, i) => `${i + 1}. ${step}`).join('\n');
    case 'link':
      return block.url;
    default:
      return block.text;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, c => ESCAPES[c] as string);

function markup(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `<h1 style="font-size:1.25em;line-height:1.5">${escaped(block.text)}</h1>`;
    case 'heading':
      return `<h2 style="font-size:1em;margin:1.75em 0 .5em">${escaped(block.text)}</h2>`;
    case 'strong':
      return `<p style="margin:.5em 0"><strong>${escaped(block.text)}</strong></p>`;
    case 'steps':
      return `<ol style="padding-left:1.5em">${block.steps.map(s => `<li style="margin:.4em 0">${escaped(s)}</li>`).join('')}</ol>`;
    case 'link':
      return `<p><a href="${escaped(block.url)}">${escaped(block.url)}</a></p>`;
    default:
      return `<p style="margin:.5em 0">${escaped(block.text)}</p>`;
  }
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const SUBJECT = {
  ja: (codes: string) => `機器についてのお知らせ（${codes}）`,
  en: (codes: string) => `About a device on your line (${codes})`,
};

/** `contents` is not empty; all are of one line. */
export function mailText(contents: readonly AlertContent[]): MailText {
  const first = contents[0] as AlertContent;
  const { issuer, contact } = first;
  const mark = issuer.rehearsal ? MARK : null;
  const order: readonly Language[] = contact.language === 'ja' ? ['ja', 'en'] : ['en', 'ja'];
  const parts = order.map(language => {
    const url = codeUrl(issuer, first.alertCode);
    return { language, blocks: blocksOf(alertWords(contents, language), url, mark) };
  });
  const own = contact.language;
  const about = SUBJECT[own](printAlertCode(first.alertCode));
  const subject = `${issuer.isp[own]}${own === 'ja' ? '：' : ': '}${mark ? `【${mark}】` : ''}${about}`;
  const rule = '\n\n----------------------------------------\n\n';
  const bodies = parts.map(part => `<div lang="${part.language}">${part.blocks.map(markup).join('\n')}</div>`);
  return {
    subject,
    text: `${parts.map(part => part.blocks.map(plain).join('\n')).join(rule)}\n`,
    html:
      `<!doctype html><html lang="${own}"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>` +
      '<body style="max-width:40em;margin:1em auto;padding:0 1em;font-size:16px;line-height:1.75;color:#1a1a1a;background:#fff">' +
      `${bodies.join('<hr style="margin:2em 0;border:0;border-top:1px solid #949494">')}</body></html>`,
  };
}
