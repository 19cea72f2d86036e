/**
 * One service to the credential check, whichever protocol it speaks: look at it without a credential, then try one pair
 * in one connection. In: target and what a conversation needs. Out: outcomes, the device, what it asks for.
 */
import type { Audit } from '../../mandate/authority.ts';
import type { Act, Protocol } from '../../record/glossary.ts';
import { type Identification, identify } from '../identify/identify.ts';
import type { Facts } from '../probe/driver.ts';
import { driverOf } from '../probe/drivers.ts';
import { agentOf } from '../probe/http/request.ts';
import type { Credential } from '../probe/machine.ts';
import { type Conversation, converse, type RunnerDeps } from '../probe/runner.ts';

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface KnockDeps extends RunnerDeps {
  readonly audit: Audit;
  readonly random: (bytes: number) => Uint8Array;
}

export interface Look {
  readonly conversation: Conversation;
  readonly identification: Identification;
  /** What it asks for: `pair`, a password alone, or nothing we know. */
  readonly asks: 'pair' | 'password' | null;
  /** The same device answers with the same one. */
  readonly identity: string;
  /** For the driver: how it asked; the attempt answers it. */
  readonly memory: unknown;
}

export interface Tried {
  readonly conversation: Conversation;
  /** Coarse form of the answer: two of one shape cannot mean different things. */
  readonly shape: string;
}

export interface Way {
  readonly act: Act;
  /** Monotonic instant at which every conversation of this check has ended. */
  readonly notAfter: number;
  readonly from?: string;
}

const settingOf = ({ address, port }: Target, deps: KnockDeps) => ({
  host: `${address}:${port}`,
  agent: agentOf(deps.gate.mandate.sources.publishedAs),
  settleMs: deps.gate.mandate.deadlines.settleMs,
  random: deps.random(8),
});

const identified = ({ protocol }: Target, { said }: Facts): Identification =>
  identify(protocol === 'telnet' ? { protocol, telnet: said.telnet } : { protocol: 'http', ...said });
const identityOf = (facts: Facts, { device }: Identification) =>
  JSON.stringify([device.vendor, device.model, device.firmware, facts.identity]);

/** One conversation without a credential, in the audit log before it begins. */
export async function look(target: Target, way: Way, deps: KnockDeps): Promise<Look> {
  const { address, port, protocol } = target;
  const driver = driverOf(protocol);
  if (!driver) throw new Error(`no driver for ${protocol}`);
  deps.audit.commit(way.act, { address, port, protocol });
  const talk = driver.begin(settingOf(target, deps));
  const { transport } = driver;
  const conversation = await converse({ address, port, ...way, transport, talk }, deps);
  const facts = talk.facts();
  const identification = identified(target, facts);
  const { asks, memory } = facts;
  return { conversation, identification, asks, identity: identityOf(facts, identification), memory };
}

/** One conversation with one pair, which must be reserved and in the audit log already. */
export async function tryPair(
  target: Target,
  credential: Credential,
  seen: Look,
  way: Way,
  deps: KnockDeps,
): Promise<Tried> {
  const { address, port, protocol } = target;
  const driver = driverOf(protocol);
  if (!driver) throw new Error(`no driver for ${protocol}`);
  const talk = driver.begin({ ...settingOf(target, deps), memory: seen.memory });
  const { transport } = driver;
  const offer = (facts: Facts) =>
    seen.memory !== undefined || identityOf(facts, identified(target, facts)) === seen.identity
      ? { credential, act: way.act }
      : null;
  const conversation = await converse({ address, port, ...way, transport, talk, offer }, deps);
  const changed = conversation.outcome === 'LOGIN_PROMPT' && !conversation.offered;
  return {
    conversation: changed ? { ...conversation, outcome: 'POLICY_STOP' } : conversation,
    shape: talk.facts().shape,
  };
}
