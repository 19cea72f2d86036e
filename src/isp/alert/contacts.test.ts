import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canBeWrittenTo, findContacts } from './contacts.ts';

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
  const { contacts, rejected } = await findContacts(file, new Set(['A', 'B', 'C', 'D', 'E', 'F', 'G']));
  assert.deepEqual([...contacts.keys()], ['A', 'B', 'E']);
  assert.deepEqual(contacts.get('A'), {
    subscriber: 'A',
    name: '𠮷野 凜',
    email: 'a@minato.example',
    postcode: '000-0123',
    address: ['訓練県みなと市1-2', 'メゾン 203号'],
    language: 'ja',
  });
  assert.equal(contacts.get('B')?.name, 'Miller, "Sam"');
  assert.deepEqual(contacts.get('B')?.address, ['1-2-3 Shiomi, Minato-shi']);
  assert.equal(canBeWrittenTo(contacts.get('E')!), false);
  assert.deepEqual(
    rejected.map(r => r.where),
    [`${file}:4`, `${file}:5`, `${file}:8`],
  );
});

test('a missing column or file is a fault; nothing asked for reads nothing', async () => {
  writeFileSync(file, 'subscriber,name\n');
  await assert.rejects(findContacts(file, new Set(['A'])), /lacks email/);
  await assert.rejects(findContacts(`${file}.absent`, new Set(['A'])), /cannot be read/);
  assert.equal((await findContacts(`${file}.absent`, new Set())).contacts.size, 0);
});
