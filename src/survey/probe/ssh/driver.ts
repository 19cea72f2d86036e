/**
 * SSH as a driver. The look is a plain machine; an attempt is a key exchange, dear enough to go to a thread of its own
 * (crew.ts). Each attempt is one connection, and the gate is asked there and here.
 */
import type { Refusal } from '../../../mandate/authority.ts';
import { parseIpv4 } from '../../../record/address.ts';
import type { Outcome } from '../../../record/observation.ts';
import type { Attempted, AttemptOrder, Driver } from '../driver.ts';
import type { RunnerDeps } from '../runner.ts';
import { type Crew, openCrew } from './crew.ts';
import { lookGrammar } from './grammar.ts';
import { type SshMemory, sshLook } from './machine.ts';
import { type Errand, hrtime } from './orders.ts';

const isMemory = (memory: unknown): memory is SshMemory =>
  typeof memory === 'object' && memory !== null && 'algorithms' in memory;

/** An attempt that ended in this thread. `offered` errs on the side of a try that counts. */
function unsent(outcome: Outcome, offered: boolean, deps: RunnerDeps, refusal?: Refusal): Attempted {
  return {
    conversation: {
      outcome,
      ...(refusal === undefined ? {} : { refusal }),
      source: null,
      offered,
      at: deps.clocks.calendar(),
      bytesIn: 0,
      bytesOut: 0,
      replyMs: 0,
    },
    shape: '',
    identity: '',
  };
}

async function attempt(order: AttemptOrder, deps: RunnerDeps, crew: Crew): Promise<Attempted> {
  const { address, port, act, credential, from, facts } = order;
  const refusal = deps.signal?.aborted ? 'stopped' : deps.gate.refuses(parseIpv4(address) ?? -1, port, act);
  if (refusal) return unsent('POLICY_STOP', false, deps, refusal);
  if (!isMemory(facts.memory)) return unsent('KEX_UNSUPPORTED', false, deps);
  const errand: Errand = {
    address,
    port,
    act,
    credential: { user: credential.user, password: credential.password },
    algorithms: facts.memory.algorithms,
    identity: facts.identity,
    ...(from === undefined ? {} : { from }),
    ...(order.notAfter === undefined ? {} : { notAfter: hrtime() + order.notAfter - deps.clocks.monotonic() }),
  };
  const attempted = await crew.send(errand, deps.gate, deps.clocks, deps.signal);
  return attempted ?? unsent('LOCAL_RESOURCE', true, deps);
}

export const sshDriverOver = (crew: Crew): Driver => ({
  protocol: 'ssh',
  transport: 'tcp',
  begin() {
    const machine = sshLook();
    return { machine, grammar: lookGrammar(), facts: machine.facts };
  },
  attempt: (order, deps) => attempt(order, deps, crew),
});

const crew = openCrew();
export const sshDriver: Driver = sshDriverOver(crew);
/** Ends the threads of `sshDriver`. Nobody has to: they do not keep a process alive. */
export const closeSshWorkers = (): Promise<void> => crew.close();
