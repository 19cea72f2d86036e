/**
 * The support centre's one screen. The caller reads out the code, the screen shows the case without identity and the words
 * to say beside it; an inquiry is opened, answered from a page, closed with an outcome. A caller without a code is normal.
 * The desk can neither probe nor ask for a re-check. A code that was typed is not kept: the address bar holds the case.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { DeskStore } from '../desk/desk-store.ts';
import type { OpeningHours } from '../desk/hours.ts';
import { deskState } from '../desk/hours-words.ts';
import { answerInquiry, closeInquiry, openInquiry } from '../desk/inquiry.ts';
import { alertCodeHash, readAlertCode } from '../record/alert-code.ts';
import { FINDING_KINDS, type FindingKind } from '../record/glossary.ts';
import { INQUIRY_OUTCOMES } from '../record/inquiry.ts';
import type { Clocks } from '../record/instant.ts';
import { CaseCard, InquiryCard, OpenInquiry, Words, whenWords } from './desk-parts.tsx';
import { consoleHeaders } from './headers.ts';
import { Page } from './layout.tsx';
import type { SignIn } from './sign-in.ts';
import { CONSOLE_CSS, CONSOLE_JS } from './style.ts';
import { Table } from './table.tsx';

export interface DeskDeps {
  readonly store: DeskStore;
  readonly clocks: Clocks;
  readonly random: (bytes: number) => Uint8Array;
  readonly hashKey: Uint8Array;
  readonly hours: OpeningHours;
  readonly signIn: SignIn;
  readonly rehearsal: boolean;
}

const CODE_FAULTS = {
  length: 'A code has 13 digits. Ask the caller to read it again, group by group.',
  digit: 'Something that is not a digit was typed.',
  check: 'One digit is wrong, or two neighbours are swapped. Ask the caller to read it again, group by group.',
  unknown:
    'The code is not in the records: misread, finished more than 90 days ago, or not from us. Not found is not safe.',
} as const;

interface Shown {
  readonly caseId?: string | undefined;
  readonly inquiryId?: string | undefined;
  readonly kind?: FindingKind | undefined;
  readonly all?: boolean;
  readonly codeFault?: keyof typeof CODE_FAULTS;
  readonly faults?: readonly string[];
  readonly question?: string;
}

const ROLE = 'desk';

/** Ids come from the address bar; what cannot be one never reaches the store. */
const idIn = (text: string | undefined) => (text !== undefined && /^[\w-]{1,64}$/.test(text) ? text : undefined);
const kindIn = (text: string | undefined) => FINDING_KINDS.find(kind => kind === text);

export function makeDeskConsole(deps: DeskDeps): Hono {
  const app = new Hono();
  const { store, signIn, clocks } = deps;
  // Outermost, so that it has the last word: with `no-referrer` a browser sends `Origin: null` with our own forms too, and
  // the guard would refuse them.
  app.use(async (c, next) => {
    await next();
    c.header('referrer-policy', 'same-origin');
  });
  app.use(consoleHeaders);
  app.use(bodyLimit({ maxSize: 32 * 1024 }));
  app.get('/console.css', c => c.body(CONSOLE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/console.js', c => c.body(CONSOLE_JS, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.use(signIn.guard);

  async function screen(c: Context, shown: Shown, status: 200 | 400 = 200) {
    const inquiry = shown.inquiryId ? await store.inquiries.find(shown.inquiryId) : undefined;
    const caseId = shown.caseId ?? inquiry?.caseId ?? undefined;
    const found = caseId ? await store.case(caseId) : undefined;
    const rechecks = found ? await store.rechecks(found.caseId) : [];
    const kind = shown.kind ?? found?.kind ?? 'guessable';
    const list = await store.inquiries.list(shown.all ? 'all' : 'open');
    const here = (changes: Record<string, string>) => {
      const query = new URLSearchParams({
        ...(caseId ? { case: caseId } : {}),
        ...(shown.inquiryId ? { inquiry: shown.inquiryId } : {}),
        ...(shown.all ? { which: 'all' } : {}),
        ...changes,
      });
      return `/?${query}`;
    };
    const page = (
      <Page
        title="Support centre"
        noun="Inquiries"
        nouns={[{ name: 'Inquiries', href: '/' }]}
        who={c.get('person')?.name ?? ''}
        role={ROLE}
        rehearsal={deps.rehearsal}
        mandateDaysLeft={null}
      >
        <p>
          {deskState(deps.hours, clocks.calendar(), 'en').words}. Let the caller read out the code. Never ask for a
          name, a street or a password.
        </p>
        <div class="two">
          <div>
            <form class="filter" method="post" action="/search">
              <div>
                <label for="code">Code (13 digits, read out in three groups)</label>
                <input id="code" name="code" type="search" inputmode="numeric" autocomplete="off" />
              </div>
              <button type="submit">Find the case</button>
            </form>
            {shown.codeFault ? <p role="alert">{CODE_FAULTS[shown.codeFault]}</p> : null}
            {found ? <CaseCard found={found} rechecks={rechecks} /> : null}
            {inquiry ? (
              <InquiryCard inquiry={inquiry} kind={kind} />
            ) : (
              <OpenInquiry caseId={found?.caseId ?? null} faults={shown.faults ?? []} question={shown.question ?? ''} />
            )}
          </div>
          <Words kind={kind} here={other => here({ kind: other })} />
        </div>
        <h2>{shown.all ? 'All inquiries' : 'Open inquiries'}</h2>
        <p>
          <a href={shown.all ? '/' : '/?which=all'}>{shown.all ? 'Only open ones' : 'All of them'}</a>
        </p>
        <Table
          caption={shown.all ? 'All inquiries, newest first' : 'Open inquiries, newest first'}
          columns={['Inquiry', 'Opened', 'By', 'Topic', 'Case', 'Answered from', 'Outcome'].map(name => ({ name }))}
          rows={list.map(one => [
            <a href={`/?inquiry=${one.id}`}>{one.id}</a>,
            whenWords(one.openedAt),
            one.channel,
            one.topic,
            one.caseId ? 'yes' : 'none',
            one.answeredFrom ?? '',
            one.outcome ?? 'open',
          ])}
          empty={{
            why: shown.all ? 'Nobody has asked anything yet.' : 'No inquiry is open.',
            next: 'One opens with a call, above, or with the contact form of the public site.',
          }}
        />
      </Page>
    );
    return c.html(`<!doctype html>${String(page)}`, status);
  }

  const typedIn = async (c: Context) => {
    const form = new URLSearchParams(await c.req.text());
    return (name: string) => form.get(name) ?? '';
  };

  app.get('/', c =>
    screen(c, {
      caseId: idIn(c.req.query('case')),
      inquiryId: idIn(c.req.query('inquiry')),
      kind: kindIn(c.req.query('kind')),
      all: c.req.query('which') === 'all',
    }),
  );

  app.post('/search', async c => {
    const read = readAlertCode((await typedIn(c))('code').slice(0, 64));
    if (!read.ok) return screen(c, { codeFault: read.why }, 400);
    const found = await store.caseOfCode(alertCodeHash(deps.hashKey, read.code));
    return found ? c.redirect(`/?case=${encodeURIComponent(found.caseId)}`, 303) : screen(c, { codeFault: 'unknown' });
  });

  app.post('/inquiries', async c => {
    const typed = await typedIn(c);
    const found = idIn(typed('case')) ? await store.case(typed('case')) : undefined;
    const question = typed('question').slice(0, 4000);
    const asking = {
      channel: 'telephone',
      caseId: found?.caseId ?? null,
      topic: typed('topic'),
      question,
      callback: typed('callback').slice(0, 64),
    } as const;
    const opened = openInquiry(asking, clocks.calendar(), deps.random);
    if (!opened.ok) return screen(c, { caseId: found?.caseId, faults: opened.faults, question }, 400);
    await store.inquiries.open(opened.inquiry);
    return c.redirect(`/?inquiry=${opened.inquiry.id}`, 303);
  });

  app.post('/inquiries/:id/:act{answer|close}', async c => {
    const id = idIn(c.req.param('id'));
    const inquiry = id ? await store.inquiries.find(id) : undefined;
    if (!inquiry) return c.redirect('/', 303);
    const typed = await typedIn(c);
    const kind = kindIn(typed('answer'));
    const outcome = INQUIRY_OUTCOMES.find(o => o === typed('close'));
    if (c.req.param('act') === 'answer' && kind) await store.inquiries.update(answerInquiry(inquiry, kind));
    if (c.req.param('act') === 'close' && outcome)
      await store.inquiries.update(closeInquiry(inquiry, outcome, clocks.calendar()));
    return c.redirect(`/?inquiry=${inquiry.id}`, 303);
  });

  return app;
}
