import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openSealed, sealTo } from '../../src/exchange/envelope.ts';
import { makeSealingKey, makeSigningKey } from '../../src/mandate/keys.ts';
import { compileNeedles } from './needles.ts';
import { addressNeedles, codeNeedles, needlesOf, proveSealed, showThatItSees } from './sealed.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-sealed-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
function folder(files: Record<string, string | Buffer>): string {
  const at = join(root, String(folders++));
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(join(at, name, '..'), { recursive: true });
    writeFileSync(join(at, name), data);
  }
  return at;
}
const needles = [
  ...addressNeedles(['127.64.3.21']),
  ...codeNeedles(['1234567890123']),
  ...needlesOf('name', ['山田 花子']),
  ...needlesOf('password', ['hunter22x']),
];
const prove = (...at: string[]) => proveSealed({ folders: at }, needles);

test('clean folders are clean, and every plant was seen', () => {
  const proof = prove(folder({ 'a.ndjson': '{"lineKey":"f00"}\n', 'deep/b.bin': Buffer.alloc(100, 7) }));
  assert.deepEqual([proof.tried, proof.wrong, proof.missed, proof.ratio_found], [2, 0, 0, 1]);
});

test('each secret is found in each form, wherever it lies, and never printed', () => {
  const clear = '{"address":"127.64.3.21"}';
  const cases: Record<string, string | Buffer> = {
    'plain.log': 'x 127.64.3.21 y',
    'zone.txt': '21.3.64.127.in-addr.arpa',
    'code.html': '<b>1234-5678-90123</b>',
    'code.txt': '1234567890123',
    'name.json': '"山田 花子"',
    'name.bin': Buffer.from('山田 花子', 'utf16le'),
    'deep/er/packed.gz': gzipSync(clear),
    'spool.jws': `e30.${Buffer.from(clear).toString('base64url')}.sig`,
    'dump.sql': `\\x${Buffer.from('hunter22x').toString('hex')}`,
  };
  for (const [name, data] of Object.entries(cases)) {
    const proof = prove(folder({ [name]: data, other: 'nothing' }));
    assert.equal(proof.wrong, 1, name);
    assert.ok(proof.places[0]?.includes(name));
    assert.doesNotMatch(proof.places.join(), /127\.64|1234567|山田|hunter/);
  }
});

test('longer numbers and other addresses are not mistaken for it', () => {
  const proof = prove(folder({ a: '127.64.3.210 1127.64.3.21 127.64.3.2 91234567890123 12345678901234 127.64.3.2.1' }));
  assert.deepEqual(proof.places, []);
});

test('what is really sealed holds nothing, what is only signed does', async () => {
  const [signer, isp] = [makeSigningKey(), makeSealingKey()];
  const sealed = await sealTo('{"address":"127.64.3.21"}', isp.publicKey, signer);
  assert.equal(prove(folder({ sealed })).wrong, 0);
  const opened = await openSealed(sealed, isp, [{ key: signer.key, publicKey: signer.publicKey }]);
  assert.equal(prove(folder({ opened })).wrong, 1);
});

test('texts beside files are searched, and files that may hold secrets are not', () => {
  const at = folder({ 'keys/k': 'hunter22x', b: '' });
  const texts = [{ name: 'centre.case', text: 'hunter22x' }];
  const proof = proveSealed({ folders: [at], texts, mayHold: file => file.includes('keys/') }, needles);
  assert.deepEqual([proof.tried, proof.wrong], [2, 1]);
  assert.match(proof.places[0] ?? '', /^centre\.case: password/);
});

test('a proof that can see nothing fails', () => {
  const good = folder({ a: 'x' });
  const empty = folder({ 'sub/.keep': '' });
  rmSync(join(empty, 'sub/.keep'));
  assert.notEqual(proveSealed({ folders: [good] }, []).missed, 0, 'no needles');
  assert.notEqual(proveSealed({ folders: [] }, needles).missed, 0, 'no folders');
  assert.notEqual(prove(empty).missed, 0, 'no files');
  assert.notEqual(prove(good, join(root, 'gone')).missed, 0, 'a folder that is not there');
  assert.notEqual(
    prove(folder({ 'broken.gz': Buffer.from([0x1f, 0x8b, 8, 0, 1]) })).missed,
    0,
    'a file it cannot unfold',
  );
  // A search that is blind in one form is caught by the plants.
  const plainOnly: typeof compileNeedles = some => {
    const search = compileNeedles(some);
    return { in: data => search.in(data).filter(found => found.form === 'plain') };
  };
  assert.deepEqual(showThatItSees({ kind: 'k', text: 'hunter22x' }).unseen, []);
  assert.ok(showThatItSees({ kind: 'k', text: 'hunter22x' }, plainOnly).unseen.includes('signed-1.jws'));
  assert.equal(showThatItSees({ kind: 'k', text: 'hunter22x' }, () => ({ in: () => [] })).unseen.length, 11);
});

test('the automaton finds what a search for each needle alone finds', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), fc.array(text, { maxLength: 20 }), (wanted, pieces) => {
      const hay = Buffer.from(pieces.join(''), 'utf8');
      const some = [...new Set(wanted)].map(t => ({ kind: 'k', text: t }));
      const expected = some.filter(n => hay.includes(n.text)).map(n => n.text);
      const found = compileNeedles(some)
        .in(hay)
        .filter(f => f.form === 'plain');
      assert.deepEqual(found.map(f => f.needle.text).sort(), expected.sort());
      for (const f of found) assert.equal(hay.indexOf(f.needle.text), f.offset);
    }),
    { numRuns: 300 },
  );
});
