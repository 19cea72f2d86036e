import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canBeWrittenTo, isContact, isRefused } from './contact.ts';
import { customersFile, findCustomers } from './customers.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-contacts-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, 'customers.csv');
const HEADER = 'subscriber,name,email,postcode,address1,address2,language';

test('only the lines asked for, malformed ones named, a line with two rows is nobody', async () => {
  writeFileSync(
    file,
    [
      `\ufeff${HEADER}`,
      'A,𠮷野 凜,a@minato.example,0000123,訓練県みなと市1-2,メゾン 203号,ja',
      'B,"Miller, ""Sam""",,000-0124,"1-2-3 Shiomi, Minato-shi",,en',
      'C,c,c@x.example>\\r\\nBcc: z@x.example,000-0125,x,,ja',
      'D,d,d@x.example,000-012,x,,ja',
      'E,e,,,,,',
      'F,one,,000-0001,x,,ja',
      'F,two,,000-0001,x,,ja',
      'F,three,,000-0001,x,,ja',
      'Z,not asked for,z@x.example,000-0001,x,,ja',
    ].join('\r\n'),
  );
  const source = customersFile(file);
  const lines = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
  const [a, b, , , e, , g] = await Promise.all(lines.map(line => source.lookUp(line)));
  const all = await findCustomers(file, new Set(lines));
  assert.deepEqual(
    [...all].filter(([, found]) => isContact(found)).map(([line]) => line),
    ['A', 'B', 'E'],
  );
  assert.equal(g, 'unknown');
  assert.deepEqual(a, {
    subscriber: 'A',
    name: '𠮷野 凜',
    email: 'a@minato.example',
    postcode: '000-0123',
    address: ['訓練県みなと市1-2', 'メゾン 203号'],
    language: 'ja',
  });
  assert.ok(b && isContact(b) && e && isContact(e));
  assert.equal(b.name, 'Miller, "Sam"');
  assert.deepEqual(b.address, ['1-2-3 Shiomi, Minato-shi']);
  assert.equal(canBeWrittenTo(e), false);
  assert.deepEqual(
    [...all.values()].filter(isRefused).map(found => [found.where, found.later]),
    [4, 5, 9].map(line => [`${file}:${line}`, false]),
  );
});

test('a missing column or file is a fault; nothing asked for reads nothing', async () => {
  writeFileSync(file, 'subscriber,name\n');
  await assert.rejects(customersFile(file).lookUp('A'), /lacks email/);
  await assert.rejects(customersFile(`${file}.absent`).lookUp('A'), /cannot be read/);
  assert.equal((await findCustomers(`${file}.absent`, new Set())).size, 0);
});

test('the file as it is now: what was asked before is not remembered', async () => {
  const source = customersFile(file);
  writeFileSync(file, `${HEADER}\nA,one,,,,,\n`);
  const first = await source.lookUp('A');
  writeFileSync(file, `${HEADER}\n`);
  assert.ok(isContact(first));
  assert.equal(await source.lookUp('A'), 'unknown');
});
