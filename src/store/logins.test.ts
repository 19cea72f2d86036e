import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ispLogin, roleOf, seatOf } from './compartment.ts';
import { readLogins, withPasswords, writeLogins } from './logins.ts';
import { asUser, urlPlace } from './pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'logins-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('passwords are made once, kept, and readable by their owner only', () => {
  const file = join(folder, 'logins.json');
  const first = withPasswords(readLogins(file), ['centre', 'web']);
  assert.notEqual(first.passwords.centre, first.passwords.web);
  assert.ok((first.passwords.centre ?? '').length >= 32);
  writeLogins(file, first);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const second = withPasswords(readLogins(file), ['centre', 'isp_a']);
  assert.equal(second.passwords.centre, first.passwords.centre);
  assert.ok(second.passwords.isp_a);
});

test('a file that is something else is refused with what to do', () => {
  const file = join(folder, 'other.json');
  for (const text of ['', '{}', '[]', '{"passwords":null}']) {
    writeFileSync(file, text);
    assert.throws(() => readLogins(file), { code: 'input', message: /delete it/ });
  }
});

test('an ISP’s id names its login, role and schema, or is refused', () => {
  assert.deepEqual(seatOf(ispLogin('isp-a_1')), { role: 'notice_isp_isp-a_1', schema: 'isp_isp-a_1' });
  assert.equal(roleOf('centre'), 'notice_centre');
  for (const id of ['', 'A', '1a', 'a"b', 'a b', "a'", 'a;b', 'a'.repeat(32), 'é'])
    assert.throws(() => ispLogin(id), { code: 'input' }, id);
});

test('another login keeps the place of a URL and nothing of its user', () => {
  const place = (url: string) => asUser(urlPlace(url), 'notice_isp_a-b', 'p/w?').config.connectionString;
  const user = 'user=notice_isp_a-b&password=p%2Fw%3F';
  assert.equal(
    place('postgresql://admin:secret@db.example:5433/notice'),
    `postgresql://db.example:5433/notice?${user}`,
  );
  assert.equal(
    place('postgres:///notice?host=%2Frun%2Fpg&user=admin&password=secret'),
    `postgres:///notice?host=%2Frun%2Fpg&${user}`,
  );
  assert.throws(() => urlPlace('file:///x'), { code: 'usage' });
  assert.throws(() => urlPlace('not a url'), { code: 'usage' });
});
