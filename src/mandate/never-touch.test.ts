/** Ports nobody touches: refused unless both parties sign for one by one, and then swept and nothing more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labClocks, makeLab, NOW } from '../../test/mandate/lab-paper.ts';
import { ACTS } from '../record/glossary.ts';
import type { MandateBody } from '../record/mandate.ts';
import { explain, explainWords } from './explain.ts';
import { compileGate } from './gate.ts';

const isps = [{ isp: 'isp-a', prefixes: ['127.64.0.0/24'] }];
const printer = { port: 9100, protocol: 'telnet', acts: ['sweep'] } as const;
const web = { port: 8080, protocol: 'http', acts: ['sweep', 'attempt'] } as const;
const reason = 'the ministry asked how many printers are open';

function paper(body: Partial<MandateBody>) {
  const lab = makeLab({ isps, body });
  try {
    return lab.load();
  } finally {
    lab.remove();
  }
}

test('a port that is never touched is refused without an exception, with any act but the sweep, and when it is not meant', () => {
  assert.throws(() => paper({ ports: [web, printer] }), /port 9100 is never touched: printing.*name it with a reason/);
  for (const act of ACTS.filter(a => a !== 'sweep'))
    assert.throws(
      () => paper({ ports: [{ ...printer, acts: ['sweep', act] }], neverTouch: [{ port: 9100, reason }] }),
      /port 9100 may be swept and nothing else/,
    );
  assert.throws(() => paper({ ports: [web], neverTouch: [{ port: 9100, reason }] }), /not among the ports/);
  assert.throws(() => paper({ ports: [web], neverTouch: [{ port: 8080, reason }] }), /port 8080 needs no exception/);
  assert.throws(
    () => paper({ ports: [web, printer], neverTouch: [{ port: 9100, reason: ' ' }] }),
    /neverTouch\.0\.reason" is empty/,
  );
  // One by one: naming one printer's port opens no other.
  assert.throws(
    () => paper({ ports: [printer, { ...printer, port: 631 }], neverTouch: [{ port: 9100, reason }] }),
    /port 631 is never touched/,
  );
});

test('with an exception it is swept, the gate refuses all else, and the words say who signed for what', () => {
  const loaded = paper({ ports: [web, printer], neverTouch: [{ port: 9100, reason }] });
  const gate = compileGate(loaded, labClocks());
  assert.equal(gate.refuses(0x7f400001, 9100, 'sweep'), undefined);
  gate.now();
  assert.equal(gate.refusesFrame(0x7f400001, 9100, 'sweep'), undefined);
  for (const act of ACTS.filter(a => a !== 'sweep')) assert.equal(gate.refuses(0x7f400001, 9100, act), 'never-touch');
  assert.equal(gate.refuses(0x7f400001, 631, 'sweep'), 'never-touch');
  const words = explainWords(explain(loaded, gate, NOW)).join('\n');
  assert.match(words, /port 9100 is printing \(raw\); signed for because: the ministry asked/);
});

test('the gate holds by itself, should a body reach it that the rules would refuse', () => {
  const loaded = paper({ ports: [web, printer], neverTouch: [{ port: 9100, reason }] });
  const { neverTouch: _, ...body } = loaded.mandate.body;
  const spoilt = { ...body, ports: [web, { ...printer, acts: ACTS }] };
  const without = compileGate({ ...loaded, mandate: { body: spoilt, signatures: [] } }, labClocks());
  for (const act of ACTS) assert.equal(without.refuses(0x7f400001, 9100, act), 'never-touch');
  const all = { ...spoilt, neverTouch: [{ port: 9100, reason }] };
  const named = compileGate({ ...loaded, mandate: { body: all, signatures: [] } }, labClocks());
  for (const act of ACTS)
    assert.equal(named.refuses(0x7f400001, 9100, act), act === 'sweep' ? undefined : 'never-touch');
});
