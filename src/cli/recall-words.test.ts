import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeLab } from '../../test/mandate/lab-paper.ts';
import { sha256 } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import { recallFor, recallWords } from './recall-words.ts';

const CATALOGUE = readFileSync(new URL('../survey/credential/rehearsal-catalogue.json', import.meta.url));

function paperWith(catalogue: Uint8Array | string) {
  const identifiers = { policy: 'test', catalogueVersion: 'v', catalogueSha256: sha256(catalogue) };
  const lab = makeLab({ body: { identifiers } });
  writeFileSync(join(lab.dir, 'catalogue.json'), catalogue);
  return { ...lab, paper: lab.load() };
}

test('a table of tries that says it is a simulation', () => {
  const lab = paperWith(CATALOGUE);
  const words = recallWords(recallFor(lab.paper, undefined));
  lab.remove();
  assert.deepEqual(
    words.slice(4, -2).map(line => line.trim().split(/\s{2,}/)[0]),
    ['1', '2', '3', '4', '6', '8', 'all 12'],
  );
  assert.match(words.join('\n'), /^ {2}1 +63\.3 % +23\.6 % +57\.5 %$/m);
  assert.match(words.join('\n'), /A simulation and no measurement/);
  assert.ok(!/admin|root|1234/.test(words.join('\n')), 'no pair is printed');
});

test('weights of their own, of which nobody has a pair of the catalogue', () => {
  const lab = paperWith(CATALOGUE);
  const file = join(lab.dir, 'weights.json');
  const pair = { user: 'nobody', password: 'elsewhere' };
  writeFileSync(
    file,
    JSON.stringify({
      format: 'notice-recall-weights/1',
      version: 'own-1',
      notes: ['a test'],
      chosen: [{ ...pair, share: 1 }],
      models: [{ model: 'm', vendor: null, shares: { telnet: 1 }, factory: pair, kept: 1 }],
    }),
  );
  assert.match(recallWords(recallFor(lab.paper, file)).join('\n'), /no figure: population own-1, in which 0 of /);
  assert.throws(
    () => recallFor(lab.paper, join(lab.dir, 'absent.json')),
    (error: unknown) => error instanceof Fault && error.code === 'input',
  );
  lab.remove();
});

test('without a catalogue that can be tried with there is a reason, and no table', () => {
  const lab = paperWith('{"version":"lab-1","pairs":[]}\n');
  const words = recallWords(recallFor(lab.paper, undefined));
  lab.remove();
  assert.equal(words.length, 3);
  assert.match(words[2] ?? '', /no figure: .*catalogue\.json: /);
});
