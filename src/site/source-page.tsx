/**
 * What a probe's source address says of itself to whoever looks it up: one page in two languages, and the probe description of
 * RFC 9511. In: the mandate in force, asked at each request, and the origins that serve this. Out: a Hono app without
 * forms, cookies or script.
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { FC } from 'hono/jsx';
import type { Act } from '../record/glossary.ts';
import type { MandateFacts } from './mandate-facts.ts';
import { securityHeaders } from './security.ts';
import { SITE_CSS } from './style.ts';
import { sourceProbingTxt } from './well-known.ts';

export interface SourceDeps {
  /** Undefined when no mandate is in force: then nothing is sent, and the page says so. */
  readonly mandate: () => MandateFacts | undefined;
  /** Such as `http://192.0.2.1`, the first one first. */
  readonly origins: readonly string[];
}

const ACTS: Readonly<Record<Act, { readonly ja: string; readonly en: string }>> = {
  sweep: {
    ja: 'TCPのSYNを1つ送り、応答の有無を見る（接続したときは、何も送らずすぐに切る）',
    en: 'one TCP SYN, to see whether it answers; a connection that comes about is closed without a byte',
  },
  identify: { ja: '機器が自ら名のる文を読む', en: 'reads what the device says of itself' },
  'no-login': { ja: 'ログインを求めるかどうかを見る', en: 'sees whether it asks for a login at all' },
  attempt: {
    ja: '広く知られたIDとパスワードを少しだけ試す',
    en: 'tries a few pairs of user name and password that are widely known',
  },
  decoy: { ja: '必ず拒まれるはずの無作為な組を1つ試す', en: 'tries a random pair that must be refused' },
  recheck: { ja: '持ち主の求めにより、もう一度見る', en: 'looks again when its owner asks' },
};

const WORDS = {
  ja: {
    title: 'このアドレスからの通信について',
    who: 'だれが',
    why: '根拠',
    when: '期間',
    from: '送信元',
    what: '送るもの',
    out: '止めてほしいとき',
    outWords: '次の連絡先へ、対象のアドレスをお知らせください。除外は、調査の最中でも1秒以内に効きます。',
    after: 'ログインできた場合も、切断のほかは何もしません。',
    none: '今は、有効な実施計画がありません。このアドレスから調査の通信は出ません。',
    machine: '機械が読む説明（RFC 9511）',
    port: 'ポート',
    to: 'から',
  },
  en: {
    title: 'About traffic from this address',
    who: 'Who',
    why: 'On which ground',
    when: 'When',
    from: 'From',
    what: 'What is sent',
    out: 'To be left out',
    outWords: 'Write to this contact and name the addresses. An exclusion holds within a second, also during a survey.',
    after: 'When a login succeeds, nothing follows but the end of the connection.',
    none: 'No mandate is in force now. No survey traffic leaves this address.',
    machine: 'The same for machines (RFC 9511)',
    port: 'port',
    to: 'to',
  },
} as const;

const Part: FC<{ readonly language: 'ja' | 'en'; readonly mandate: MandateFacts | undefined }> = props => {
  const { language, mandate } = props;
  const words = WORDS[language];
  if (!mandate)
    return (
      <section lang={language}>
        <h1>{words.title}</h1>
        <p>{words.none}</p>
      </section>
    );
  return (
    <section lang={language}>
      <h1>{words.title}</h1>
      <dl>
        <dt>{words.who}</dt>
        <dd>{mandate.organisation.name}</dd>
        <dt>{words.why}</dt>
        <dd>{mandate.legalBasis}</dd>
        <dt>{words.when}</dt>
        <dd>
          {mandate.period.from} – {mandate.period.to}, {mandate.hours.from}–{mandate.hours.to} JST
        </dd>
        <dt>{words.from}</dt>
        <dd>{mandate.sources.join(', ')}</dd>
        <dt>{words.what}</dt>
        {mandate.ports.map(({ port, acts }) => (
          <dd>
            TCP {words.port} {port}: {acts.map(act => ACTS[act][language]).join(language === 'ja' ? '。' : '; ')}
          </dd>
        ))}
        <dd>{words.after}</dd>
        <dt>{words.out}</dt>
        <dd>
          {words.outWords} {mandate.organisation.contact}
        </dd>
      </dl>
    </section>
  );
};

export function makeSourcePage({ mandate, origins }: SourceDeps): Hono {
  const app = new Hono({ strict: false });
  app.use(securityHeaders(origins[0] ?? ''));
  app.use(bodyLimit({ maxSize: 1024 }));
  app.get('/site.css', c => c.body(SITE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/robots.txt', c => c.text('User-agent: *\nDisallow:\n'));
  app.get('/.well-known/probing.txt', c => {
    const facts = mandate();
    // A description that has expired would describe nothing.
    return facts
      ? c.text(sourceProbingTxt(facts, origins))
      : c.text('No mandate is in force: nothing is probed.\n', 404);
  });
  app.get('/', c => {
    const facts = mandate();
    return c.html(
      <html lang="ja">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{WORDS.en.title}</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href="/site.css" />
        </head>
        <body>
          <main class="column">
            <Part language="ja" mandate={facts} />
            <hr />
            <Part language="en" mandate={facts} />
            <p>
              <a href="/.well-known/probing.txt">
                {WORDS.ja.machine} · {WORDS.en.machine}
              </a>
            </p>
          </main>
        </body>
      </html>,
    );
  });
  app.notFound(c => c.text('There is one page here: /\n', 404));
  app.onError((_, c) => c.text('This did not work; try again.\n', 500));
  return app;
}
