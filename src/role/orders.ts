/**
 * How a centre and a prober on one machine (or one shared folder) speak: order files in, progress and answers out.
 * A file is written beside and renamed, so a reader never sees half of one; handling an order twice changes nothing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindingKind, Protocol } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import type { RoundProgress, RoundReport } from '../record/progress.ts';
import type { RecheckResult } from '../record/recheck.ts';

export interface RoundOrder {
  readonly type: 'round';
  readonly id: string;
  readonly month: string;
  /** 32 bytes, hex; the order in which the scope is walked, and part of what the audit log records. */
  readonly permutationKey: string;
}

export interface RecheckOrder {
  readonly type: 'recheck';
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly kind: FindingKind;
  /** When its owner asked; an order that nobody answered in a day is dropped. */
  readonly askedAt: Instant;
  readonly pair: { readonly catalogueVersion: string; readonly ordinal: number } | null;
}

export type Order = RoundOrder | RecheckOrder;
export type Answer =
  | { readonly type: 'round'; readonly id: string; readonly report: RoundReport }
  | { readonly type: 'recheck'; readonly id: string; readonly result: RecheckResult; readonly askedAt: Instant };

const paths = (state: string) => ({
  orders: join(state, 'orders'),
  answers: join(state, 'answers'),
  progress: join(state, 'progress.json'),
});

function put(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  writeFileSync(`${file}.part`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const giveOrder = (state: string, order: Order): void => put(paths(state).orders, `${order.id}.json`, order);

/** Whether an order of this id still waits, or was begun and not finished. */
export const hasOrder = (state: string, id: string): boolean =>
  existsSync(join(paths(state).orders, `${id}.json`)) || existsSync(join(paths(state).answers, `${id}.json`));

/** Orders not yet answered; re-checks first, because a person waits for each. */
export function openOrders(state: string): Order[] {
  const { orders } = paths(state);
  mkdirSync(orders, { recursive: true, mode: 0o700 });
  return readdirSync(orders)
    .filter(name => name.endsWith('.json'))
    .sort()
    .flatMap(name => read<Order>(join(orders, name)) ?? [])
    .sort((a, b) => Number(a.type === 'round') - Number(b.type === 'round'));
}

/** The answer is on disk before the order goes, so a crash between the two repeats harmlessly. */
export function answerOrder(state: string, answer: Answer): void {
  put(paths(state).answers, `${answer.id}.json`, answer);
  // The order of a re-check holds an address: it goes as soon as it is answered.
  rmSync(join(paths(state).orders, `${answer.id}.json`), { force: true });
}

export function takeAnswer(state: string, id: string): Answer | undefined {
  const file = join(paths(state).answers, `${id}.json`);
  const answer = read<Answer>(file);
  if (answer) rmSync(file, { force: true });
  return answer;
}

/** Takes back an order whose asker has stopped waiting: it must neither be carried out late nor keep its address. */
export const withdrawOrder = (state: string, id: string): void =>
  rmSync(join(paths(state).orders, `${id}.json`), { force: true });

/** Re-checks that were asked for by `before` and that nobody took up, or fetched. Says how many. */
export function dropRechecks(state: string, before: Instant, where: 'orders' | 'answers'): number {
  const old = filesIn(paths(state)[where]).filter(file => {
    const one = read<Order | Answer>(file);
    return one?.type === 'recheck' && one.askedAt <= before;
  });
  for (const file of old) rmSync(file, { force: true });
  return old.length;
}

/** An answer nobody fetched. */
export const dropAnswer = (state: string, id: string): void =>
  rmSync(join(paths(state).answers, `${id}.json`), { force: true });

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(name => name.endsWith('.json'))
        .map(name => join(folder, name))
    : [];

export const writeProgress = (state: string, progress: RoundProgress): void => put(state, 'progress.json', progress);
export const readProgress = (state: string): RoundProgress | undefined => read<RoundProgress>(paths(state).progress);
