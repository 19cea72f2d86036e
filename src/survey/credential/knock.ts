/**
 * One service to the credential check, whichever protocol it speaks: look at it without a credential, then try one pair
 * in one connection. In: target and what a conversation needs. Out: outcomes, the device, what it asks for.
 */
import type { Audit } from '../../mandate/authority.ts';
import type { Act, Protocol } from '../../record/glossary.ts';
import type { Device } from '../../record/observation.ts';
import { type Identification, identify } from '../identify/identify.ts';
import { type HttpFacts, httpMachine } from '../probe/http/machine.ts';
import { agentOf, httpGrammar } from '../probe/http/request.ts';
import type { Credential } from '../probe/machine.ts';
import { type Conversation, converse, type RunnerDeps } from '../probe/runner.ts';
import { telnetGrammar } from '../probe/telnet/grammar.ts';
import { type TelnetFacts, telnetMachine } from '../probe/telnet/machine.ts';

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
  /** How HTTP asked; the attempt answers it. */
  readonly http?: Pick<HttpFacts, 'challenge' | 'keepAlive'>;
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

const ofTelnet = (facts: TelnetFacts): Identification => identify({ protocol: 'telnet', telnet: facts.greeting });
const ofHttp = ({ realm, server, title }: HttpFacts): Identification =>
  identify({ protocol: 'http', realm, server, title });

const telnetIdentity = (device: Device, asks: string | null) =>
  JSON.stringify([device.vendor, device.model, device.firmware, asks]);
const httpIdentity = ({ realm, server }: HttpFacts) => JSON.stringify([realm, server]);

const plan = ({ address, port }: Target, way: Way) => ({ address, port, ...way });
const voiceOf = ({ address, port }: Target, deps: KnockDeps) => ({
  host: `${address}:${port}`,
  agent: agentOf(deps.gate.mandate.sources.publishedAs),
});

/** One conversation without a credential, in the audit log before it begins. */
export async function look(target: Target, way: Way, deps: KnockDeps): Promise<Look> {
  const { address, port, protocol } = target;
  deps.audit.commit(way.act, { address, port, protocol });
  const settleMs = deps.gate.mandate.deadlines.settleMs;
  if (target.protocol === 'telnet') {
    const machine = telnetMachine({ settleMs });
    const conversation = await converse({ ...plan(target, way), machine, grammar: telnetGrammar() }, deps);
    const facts = machine.facts();
    const identification = ofTelnet(facts);
    const asks = facts.asks === 'user' ? 'pair' : facts.asks;
    return { conversation, identification, asks, identity: telnetIdentity(identification.device, facts.asks) };
  }
  const voice = voiceOf(target, deps);
  const machine = httpMachine({ voice, random: deps.random(8) });
  const conversation = await converse({ ...plan(target, way), machine, grammar: httpGrammar(voice, false) }, deps);
  const facts = machine.facts();
  return {
    conversation,
    identification: ofHttp(facts),
    asks: facts.challenge ? 'pair' : null,
    identity: httpIdentity(facts),
    http: facts,
  };
}

/** One conversation with one pair, which must be reserved and in the audit log already. */
export async function tryPair(
  target: Target,
  credential: Credential,
  seen: Look,
  way: Way,
  deps: KnockDeps,
): Promise<Tried> {
  const settleMs = deps.gate.mandate.deadlines.settleMs;
  if (target.protocol === 'telnet') {
    const stillThere = (facts: TelnetFacts) => telnetIdentity(ofTelnet(facts).device, facts.asks) === seen.identity;
    const machine = telnetMachine({ settleMs, credential, stillThere });
    const grammar = telnetGrammar(credential);
    const conversation = await converse({ ...plan(target, way), machine, grammar }, deps);
    return { conversation, shape: machine.facts().shape };
  }
  const voice = voiceOf(target, deps);
  const stillThere = (facts: HttpFacts) => httpIdentity(facts) === seen.identity;
  const machine = httpMachine({
    voice,
    random: deps.random(8),
    credential,
    stillThere,
    ...(seen.http ? { known: seen.http } : {}),
  });
  const conversation = await converse({ ...plan(target, way), machine, grammar: httpGrammar(voice, true) }, deps);
  return { conversation, shape: machine.facts().shape };
}
