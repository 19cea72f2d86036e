/**
 * What stands behind the list of allowed statements: every escape is run on the engine itself, past that list, as a
 * client's batch would be. Each must fail, change nothing, or be seen by the question asked after every batch.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openEngine, rawRun } from '../../src/store/engine.ts';
import { makeSession } from '../../src/store/seat.ts';
import { refusedWord } from '../../src/store/statement.ts';
import { ensureTemplate } from '../../src/store/template.ts';
import { unpack } from '../../src/store/unpack.ts';
import { query, readReply, statusOf } from '../../src/store/wire.ts';
import { ESCAPES } from './store-trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'escape-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('an escape that passed the list would be denied by the engine or seen afterwards', async () => {
  unpack(readFileSync((await ensureTemplate()).file), join(folder, 'data'));
  const engine = await openEngine(join(folder, 'data'));
  const session = makeSession(rawRun(engine));
  const seat = { role: 'notice_centre', schema: 'centre' };
  const outcome = { failed: 0, seen: 0, harmless: [] as string[] };
  for (const text of ESCAPES) {
    const client = { seat };
    await session.take(client);
    const reply = await session.run(query(text));
    const left = statusOf(reply) !== 'I' ? statusOf(await session.run(query('rollback'))) : 'I';
    assert.equal(left, 'I');
    const still = await session.isStill(seat, false);
    if (!still) outcome.seen++;
    else if (readReply(reply).error !== undefined) outcome.failed++;
    else outcome.harmless.push(text);
    if (!still) continue;
    assert.match(readReply(await session.run(query('select question from web.inquiry'))).error ?? '', /42501/, text);
  }
  // Only statements naming the session's own name or settings get by the engine: the list is what stops those.
  for (const text of outcome.harmless) assert.notEqual(refusedWord(text), undefined, text);
  assert.ok(outcome.seen >= 3, 'the session can be taken over by statements alone, so the list is needed');
  assert.ok(outcome.failed >= 30, `denied by the engine itself: ${outcome.failed}`);
  // By function the engine allows none of them.
  const session2 = { seat };
  await session.take(session2);
  for (const call of [
    "select set_config('session_authorization', 'default', false)",
    'select pg_advisory_lock(1)',
    "select pg_notify('a', 'b')",
    'select pg_sleep(0)',
    "select lo_from_bytea(0, 'x')",
  ]) {
    assert.equal(refusedWord(call), undefined);
    assert.match(readReply(await session.run(query(call))).error ?? '', /42501/, call);
  }
  await session
    .run(query('select pg_advisory_xact_lock(1)'))
    .then(reply => assert.equal(readReply(reply).error, undefined));
  await engine.close();
});
