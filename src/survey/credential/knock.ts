/**
 * One service to the credential check, whichever protocol it speaks: look at it, and try one pair in one connection. In:
 * target and what a conversation needs. Out: outcomes, the device, what it asks for.
 */
import { allWritten } from '../../mandate/audit-group.ts';
import type { Audit, Budget } from '../../mandate/authority.ts';
import type { Act, Protocol } from '../../record/glossary.ts';
import { type Identification, identify } from '../identify/identify.ts';
import type { Driver, Facts, TalkOptions } from '../probe/driver.ts';
import { driverOf } from '../probe/drivers.ts';
import { agentOf } from '../probe/http/request.ts';
import type { Credential } from '../probe/machine.ts';
import { type Conversation, converse, type Offer, type RunnerDeps } from '../probe/runner.ts';

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface KnockDeps extends RunnerDeps {
  readonly audit: Audit;
  readonly budget: Budget;
  readonly random: (bytes: number) => Uint8Array;
}

/** What a service showed before any credential. */
export interface Shown {
  readonly identification: Identification;
  /** What it asks for: `pair`, a password alone, or nothing we know. */
  readonly asks: Facts['asks'];
  /** The same device answers with the same one. */
  readonly identity: string;
  readonly facts: Facts;
}

export interface Look extends Shown {
  readonly conversation: Conversation;
  /** Of the answer to the pair, where one was offered. */
  readonly shape: string;
}

export interface Tried {
  readonly conversation: Conversation;
  /** Coarse form of the answer: two of one shape cannot mean different things. */
  readonly shape: string;
  /** What the next conversation needs to know, where this one learned it anew: a fresh nonce, say. */
  readonly memory?: unknown;
}

export interface Way {
  readonly act: Act;
  /** Monotonic instant at which every conversation of this check has ended. */
  readonly notAfter: number;
  readonly from?: string;
}

/** The driver of a protocol that has one; asked first by `refusalOf`. */
function driverFor({ protocol }: Target): Driver {
  const driver = driverOf(protocol);
  if (!driver) throw new RangeError(`no driver speaks ${protocol}`);
  return driver;
}

/** What a driver may want to know; made when it asks. */
class Setting implements TalkOptions {
  readonly #target: Target;
  readonly #deps: KnockDeps;
  readonly memory: unknown;

  constructor(target: Target, deps: KnockDeps, memory?: unknown) {
    this.#target = target;
    this.#deps = deps;
    this.memory = memory;
  }
  get host(): string {
    return `${this.#target.address}:${this.#target.port}`;
  }
  get agent(): string {
    return agentOf(this.#deps.gate.mandate.sources.publishedAs);
  }
  get settleMs(): number {
    return this.#deps.gate.mandate.deadlines.settleMs;
  }
  get random(): Uint8Array {
    return this.#deps.random(8);
  }
}

function shown({ protocol }: Target, facts: Facts): Shown {
  const identification = identify({ protocol, ...facts.said });
  const { vendor, model, firmware } = identification.device;
  const identity = JSON.stringify([vendor, model, firmware, facts.identity]);
  return { identification, asks: facts.asks, identity, facts };
}

/**
 * One conversation that begins without a credential and is in the audit log before it does. When the peer asks for a login,
 * `offer` is asked at once for the one pair that may ride on this connection, reserved and logged by then, or null.
 */
export async function look(
  target: Target,
  way: Way,
  deps: KnockDeps,
  offer: (seen: Shown) => Offer | null = () => null,
): Promise<Look> {
  const { address, port, protocol } = target;
  const driver = driverFor(target);
  deps.audit.commit(way.act, { address, port, protocol });
  const talk = driver.begin(new Setting(target, deps));
  let atLogin: Shown | undefined;
  const ask = (facts: Facts) => {
    atLogin = shown(target, facts);
    return offer(atLogin);
  };
  const { transport } = driver;
  const { group } = deps.audit;
  const conversation = await converse({ address, port, ...way, transport, talk, group, offer: ask }, deps);
  const facts = talk.facts();
  return { ...(atLogin ?? shown(target, facts)), facts, conversation, shape: facts.shape };
}

/** It answered as another service than the one that was looked at: nothing of it is believed. */
const changed = (conversation: Conversation): Conversation => ({ ...conversation, outcome: 'POLICY_STOP' });

/** One conversation with one pair, which must be reserved and in the audit log already. */
export async function tryPair(
  target: Target,
  credential: Credential,
  seen: Shown,
  way: Way,
  deps: KnockDeps,
): Promise<Tried> {
  const { address, port } = target;
  const driver = driverFor(target);
  const { group } = deps.audit;
  if (driver.attempt) {
    await allWritten(group);
    const { settleMs } = deps.gate.mandate.deadlines;
    const order = { address, port, ...way, credential, facts: seen.facts, settleMs };
    const { conversation, shape, identity } = await driver.attempt(order, deps);
    const other = identity !== '' && identity !== seen.facts.identity;
    return { conversation: other ? changed(conversation) : conversation, shape };
  }
  const talk = driver.begin(new Setting(target, deps, seen.facts.memory));
  const before = talk.facts().identity;
  const offer = (facts: Facts) => {
    // A driver that remembers how to ask may begin with the pair: then nothing was said yet, and nothing can differ.
    const silent = seen.facts.memory !== undefined && facts.identity === before;
    return silent || shown(target, facts).identity === seen.identity ? { credential, act: way.act } : null;
  };
  const { transport } = driver;
  const conversation = await converse({ address, port, ...way, transport, talk, group, offer }, deps);
  const other = conversation.outcome === 'LOGIN_PROMPT' && !conversation.offered;
  const { shape, memory } = talk.facts();
  return { conversation: other ? changed(conversation) : conversation, shape, memory };
}
