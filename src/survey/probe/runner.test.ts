import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeGroup } from '../../mandate/audit-group.ts';
import type { Gate, GateTables, Refusal } from '../../mandate/authority.ts';
import type { MandateBody } from '../../record/mandate.ts';
import type { Connection, Dial, DialEvents } from './dial.ts';
import type { Facts } from './driver.ts';
import { type Action, bytesOf, finish, type Grammar, type Machine, NOTHING, textOf } from './machine.ts';
import { type ConversationPlan, converse } from './runner.ts';

const clocks = { calendar: () => 1_000, monotonic: () => performance.now() };
const mandate = { deadlines: { connectMs: 200, settleMs: 20, conversationMs: 250, checkMs: 1_000 } } as MandateBody;

interface Wiring {
  readonly refuses?: () => Refusal | undefined;
  readonly source?: string;
  readonly script?: (events: DialEvents, connection: Connection) => void;
}

function wire({ refuses = () => undefined, source = '127.0.0.1', script }: Wiring) {
  const log: string[] = [];
  const dial: Dial = (to, events) => {
    log.push(`dial ${to.address}:${to.port}`);
    let left = false;
    const connection: Connection = {
      send: bytes => void log.push(`send ${textOf(bytes)}`),
      leave: politely => {
        log.push(politely ? 'goodbye' : 'reset');
        setImmediate(() => events.closed());
      },
    };
    setImmediate(() => {
      events.reached({ address: source, port: 4000 });
      if (left) return;
      events.connected(connection);
      script?.(events, connection);
    });
    return () => {
      log.push('reset');
      left = true;
      setImmediate(() => events.closed());
    };
  };
  const gate: Gate = {
    mandate,
    digest: '',
    refuses,
    refusesSource: address => (address === '127.0.0.1' ? undefined : 'source-not-named'),
    ispOf: () => undefined,
    protocolOf: () => undefined,
    tables: { mandate } as GateTables,
  };
  return { log, deps: { clocks, gate, dial } };
}

const machine = (part: Partial<Machine>): Machine => ({
  maxBytes: 100,
  start: () => NOTHING,
  onData: () => NOTHING,
  onQuiet: () => NOTHING,
  onCredential: () => NOTHING,
  onClose: () => finish('CLOSED_EARLY'),
  onDeadline: () => finish('SILENT'),
  ...part,
});
const says = (text: string): Action => ({ do: 'send', bytes: bytesOf(text) });
const anything: Grammar = { permit: () => {}, allows: () => true };
const facts = (): Facts => ({ said: {}, asks: 'pair', identity: '', shape: '' });
const plan = (machine: Machine, grammar = anything): ConversationPlan => ({
  address: '127.0.0.9',
  port: 2323,
  act: 'identify',
  transport: 'tcp',
  talk: { machine, grammar, facts },
});

test('a refusing gate means no connection at all', async () => {
  const { log, deps } = wire({ refuses: () => 'excluded' });
  const { outcome, refusal, source } = await converse(plan(machine({})), deps);
  assert.deepEqual([outcome, refusal, source], ['POLICY_STOP', 'excluded', null]);
  assert.deepEqual(log, []);
});

test('nothing is sent from a source the mandate does not name', async () => {
  const { log, deps } = wire({ source: '192.0.2.7' });
  const { outcome, refusal } = await converse(plan(machine({ start: () => [says('hello')] })), deps);
  assert.deepEqual([outcome, refusal], ['POLICY_STOP', 'source-not-named']);
  assert.deepEqual(log, ['dial 127.0.0.9:2323', 'reset']);
});

test('the gate is asked before each send', async () => {
  let asked = 0;
  const { log, deps } = wire({ refuses: () => (++asked > 2 ? 'excluded' : undefined) });
  const { refusal } = await converse(plan(machine({ start: () => [says('one'), says('two')] })), deps);
  assert.equal(refusal, 'excluded');
  assert.deepEqual(log.slice(1), ['send one', 'reset']);
});

test('an exclusion stops a conversation that only waits', async () => {
  const began = performance.now();
  const { deps } = wire({ refuses: () => (performance.now() - began > 50 ? 'excluded' : undefined) });
  const long = { ...mandate, deadlines: { ...mandate.deadlines, conversationMs: 5_000 } };
  const gate = { ...deps.gate, mandate: long };
  const { outcome } = await converse(plan(machine({})), { ...deps, gate });
  assert.equal(outcome, 'POLICY_STOP');
  assert.ok(performance.now() - began < 1_000, 'within a second');
});

test('bytes outside the grammar end the conversation and are not sent', async () => {
  const { log, deps } = wire({});
  const grammar: Grammar = { permit: () => {}, allows: bytes => textOf(bytes) === 'good' };
  const { outcome, refusal } = await converse(
    plan(machine({ start: () => [says('good'), says('rm -rf /')] }), grammar),
    deps,
  );
  assert.deepEqual([outcome, refusal], ['POLICY_STOP', 'send-grammar']);
  assert.deepEqual(log.slice(1), ['send good', 'reset']);
});

test('after the decision neither the same actions nor later data send a byte', async () => {
  const { log, deps } = wire({
    script: events => {
      events.data(bytesOf('x'));
      events.data(bytesOf('y'));
      events.ended('end');
    },
  });
  const m = machine({ onData: () => [...finish('ACCEPT'), says('ls\r\n')], onClose: () => [says('exit')] });
  const { outcome } = await converse(plan(m), deps);
  assert.equal(outcome, 'ACCEPT');
  assert.deepEqual(log.slice(1), ['goodbye']);
});

test('the byte cap and the deadline hold, whatever the peer trickles', async () => {
  const flood = wire({ script: events => events.data(new Uint8Array(101)) });
  assert.equal((await converse(plan(machine({})), flood.deps)).outcome, 'BYTE_CAP');
  let timer: NodeJS.Timeout | undefined;
  const trickle = wire({
    script: events => {
      timer = setInterval(() => events.data(bytesOf('.')), 20);
    },
  });
  const began = performance.now();
  const { outcome } = await converse(plan(machine({ onData: () => [{ do: 'quiet', ms: 100 }] })), trickle.deps);
  clearInterval(timer);
  assert.equal(outcome, 'SILENT');
  assert.ok(performance.now() - began >= 249, 'not before the deadline');
});

test('a stop signal ends it', async () => {
  const { deps, log } = wire({});
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  const { refusal } = await converse(plan(machine({})), { ...deps, signal: controller.signal });
  assert.equal(refusal, 'stopped');
  assert.equal(log.at(-1), 'reset');
});

const PAIR = { user: 'admin', password: 'CNRY-11' };
const asking = (): Machine =>
  machine({
    start: () => [{ do: 'login' }],
    onCredential: pair => (pair ? [says(pair.user)] : finish('LOGIN_PROMPT')),
  });

test('a login is answered with what the plan offers, under the act of the offer', async () => {
  const acts: string[] = [];
  const { log, deps } = wire({ script: events => events.ended('end') });
  const gate = { ...deps.gate, refuses: (_: number, __: number, act: string) => void acts.push(act) };
  let permitted = 0;
  const grammar: Grammar = {
    permit: pair => {
      permitted += pair === PAIR ? 1 : 9;
    },
    allows: () => permitted > 0,
  };
  const offer = () => ({ credential: PAIR, act: 'attempt' }) as const;
  const { outcome, offered } = await converse(
    { ...plan(asking(), grammar), offer },
    { ...deps, gate: gate as unknown as Gate },
  );
  assert.deepEqual([outcome, offered], ['CLOSED_EARLY', true]);
  assert.deepEqual(log.slice(1), ['send admin', 'reset']);
  assert.equal(permitted, 1);
  assert.equal(acts.at(-1), 'attempt');
});

test('without an offer a login is only a prompt', async () => {
  for (const offer of [undefined, () => null]) {
    const { log, deps } = wire({});
    const { outcome, offered } = await converse({ ...plan(asking()), ...(offer ? { offer } : {}) }, deps);
    assert.deepEqual([outcome, offered], ['LOGIN_PROMPT', false]);
    assert.deepEqual(log.slice(1), ['reset']);
  }
});

test('a machine that asks twice is not asked on', async () => {
  const { deps } = wire({});
  const again = machine({ start: () => [{ do: 'login' }], onCredential: () => [{ do: 'login' }] });
  let offers = 0;
  const offer = () => {
    offers++;
    return { credential: PAIR, act: 'attempt' } as const;
  };
  assert.equal((await converse({ ...plan(again), offer }, deps)).outcome, 'NO_VERDICT');
  assert.equal(offers, 1);
});

test('an offer that throws closes the connection, sends nothing, and is thrown again', async () => {
  const { log, deps } = wire({});
  const offer = () => {
    throw new Error('the log is full');
  };
  await assert.rejects(converse({ ...plan(asking()), offer }, deps), /the log is full/);
  assert.deepEqual(log.slice(1), ['reset']);
});

/** A file that owes a line for each act, and says in `log` when it is written. */
function grouped(log: string[], write = () => void log.push('written')) {
  const group = writeGroup();
  return { group, owe: group.join(write) };
}
const asksAtOnce = machine({
  start: () => [{ do: 'login' }],
  onCredential: pair => (pair ? [says(pair.user), says(pair.password)] : finish('LOGIN_PROMPT')),
  onData: () => finish('REJECT'),
});
const pair = { credential: { user: 'admin', password: '1234' }, act: 'attempt' } as const;

test('neither the connection nor the pair goes out before what stands for it is written', async () => {
  const { log, deps } = wire({ script: events => setTimeout(() => events.data(bytesOf('no')), 20) });
  const { group, owe } = grouped(log);
  const offer = () => {
    owe();
    log.push('offered');
    return pair;
  };
  owe();
  const { outcome, offered } = await converse({ ...plan(asksAtOnce), group, offer }, deps);
  assert.deepEqual([outcome, offered], ['REJECT', true]);
  assert.deepEqual(log, ['written', 'dial 127.0.0.9:2323', 'offered', 'written', 'send admin', 'send 1234', 'reset']);
});

test('what cannot be written is neither dialled nor sent', async () => {
  const full = new Error('no space left');
  for (const bearable of [0, 1]) {
    const { log, deps } = wire({});
    let writes = 0;
    const { group, owe } = grouped(log, () => {
      if (writes++ >= bearable) throw full;
    });
    const offer = () => {
      owe();
      return pair;
    };
    owe();
    await assert.rejects(converse({ ...plan(asksAtOnce), group, offer }, deps), full);
    assert.deepEqual(log, bearable === 0 ? [] : ['dial 127.0.0.9:2323', 'reset']);
  }
});

test('a gate that closes while the log is written keeps the connection and the pair in', async () => {
  for (const passes of [1, 2]) {
    let closed = false;
    let writes = 0;
    const { log, deps } = wire({ refuses: () => (closed ? 'excluded' : undefined) });
    const { group, owe } = grouped(log, () => {
      closed = ++writes >= passes;
    });
    const offer = () => {
      owe();
      return pair;
    };
    owe();
    const { outcome, refusal } = await converse({ ...plan(asksAtOnce), group, offer }, deps);
    assert.deepEqual([outcome, refusal], ['POLICY_STOP', 'excluded']);
    assert.deepEqual(log, passes === 1 ? [] : ['dial 127.0.0.9:2323', 'reset']);
  }
});
