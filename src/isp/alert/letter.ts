/**
 * Letters as PDF. In: the findings of one line. Out: the bytes of exactly two pages, or why no letter can be made: a
 * character no font has, an address that does not fit the window, words that do not fit the page. Typst runs in a child
 * process that is recycled; one letter at a time; a letter that takes too long ends the child, not us.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AlertContent } from '../../record/alert.ts';
import { SECOND } from '../../record/instant.ts';
import { readFonts } from './fonts.ts';
import { missingGlyphs, readGlyphs } from './glyphs.ts';
import { type EnvelopeWindow, LONG_ENVELOPE, letterData } from './letter-data.ts';
import type { LetterAnswer, LetterOrder } from './letter-worker.ts';

export type Printed = { readonly ok: true; readonly pdf: Uint8Array } | { readonly ok: false; readonly why: string };

export interface Press {
  /** `contents` is not empty; all are of one line. */
  print(contents: readonly AlertContent[]): Promise<Printed>;
  close(): void;
}

export interface PressOptions {
  readonly window?: EnvelopeWindow;
  /** Letters before the child is replaced. */
  readonly recycleAfter?: number;
  readonly deadlineMs?: number;
}

export function openPress(options: PressOptions = {}): Press {
  const { window = LONG_ENVELOPE, recycleAfter = 200, deadlineMs = 60 * SECOND } = options;
  const { regular, rare } = readFonts();
  const glyphs = [readGlyphs(regular), readGlyphs(rare)];
  const worker = fileURLToPath(new URL(`./letter-worker${extname(import.meta.url)}`, import.meta.url));
  let child: ChildProcess | undefined;
  let printed = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  const stop = () => {
    child?.removeAllListeners();
    child?.kill();
    child = undefined;
    printed = 0;
  };

  const ask = (order: LetterOrder): Promise<LetterAnswer> => {
    child ??= fork(worker, {
      serialization: 'advanced',
      execArgv: [],
      env: {},
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const at = child;
    return new Promise(resolve => {
      const end = (answer: LetterAnswer, broken: boolean) => {
        clearTimeout(timer);
        at.removeAllListeners();
        if (broken) stop();
        resolve(answer);
      };
      const timer = setTimeout(() => end({ id: order.id, why: 'setting the letter took too long' }, true), deadlineMs);
      at.on('message', (answer: LetterAnswer) => end(answer, false));
      at.on('error', error => end({ id: order.id, why: `the press did not start: ${error.message}` }, true));
      at.on('exit', code => end({ id: order.id, why: `the press ended with ${code}` }, true));
      at.send(order);
    });
  };

  const print = async (contents: readonly AlertContent[]): Promise<Printed> => {
    if (closed) return { ok: false, why: 'the press is closed' };
    const { data, printed: texts } = letterData(contents, window);
    const missing = missingGlyphs(texts, glyphs);
    if (missing.length > 0)
      return {
        ok: false,
        why: `no font has ${missing.map(c => `U+${c.codePointAt(0)?.toString(16).toUpperCase()}`).join(', ')}`,
      };
    if (printed >= recycleAfter) stop();
    printed++;
    const answer = await ask({ id: printed, data, at: Math.floor((contents[0] as AlertContent).writtenAt / 1000) });
    return 'pdf' in answer ? { ok: true, pdf: answer.pdf } : { ok: false, why: answer.why };
  };

  return {
    print: contents => {
      const next = queue.then(() => print(contents));
      queue = next;
      return next;
    },
    close: () => {
      closed = true;
      stop();
    },
  };
}
