/**
 * A device that locks accounts is not locked by us: telnetd and vsftpd ask pam_faillock, which locks at the third wrong
 * password in a row. A round with a cap of three tries an account, of which one is kept for the decoy, leaves it open by the
 * far end's own tally, and its owner logs in afterwards; a cap below the lock does so however often the check is run. The
 * counter-proof: a mandate that allows more does lock it; then we see it, stop, and rest for the day.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type RealCheck, realCheck, type Words } from '../fixtures/real-check.ts';
import { freePort } from '../real/daemon.ts';
import { faillockCount, LOCKS_AT, pamFaillock } from '../real/own-root.ts';
import { startTelnetd } from '../real/telnetd.ts';
import { startVsftpd } from '../real/vsftpd.ts';

/** Seven characters, so a catalogue may hold it: the owner, afterwards, logs in with the same code. */
const OWNER = { user: 'admin', password: 'x9-Kaki' };
const WRONG: readonly Words[] = ['1111', '2222', '3333', '4444', '5555', '6666'].map(word => ['admin', word]);

const dir = mkdtempSync(join(tmpdir(), 'notice-lockout-'));
const running: { stop(): Promise<void> }[] = [];
let host = 1;

before(() =>
  assert.equal(process.getuid?.(), 0, 'run as root: the daemons get a mount namespace and a root of their own'),
);
after(async () => {
  for (const daemon of running) await daemon.stop();
  rmSync(dir, { recursive: true, force: true });
});

const DAEMONS = { telnet: startTelnetd, ftp: startVsftpd } as const;

async function serve<P extends keyof typeof DAEMONS>(protocol: P, pam: string) {
  const address = `127.95.0.${host++}`;
  const port = await freePort(address);
  const folder = mkdtempSync(join(dir, 'd-'));
  const daemon = (await DAEMONS[protocol](folder, address, port, [OWNER], { pam })) as Awaited<
    ReturnType<(typeof DAEMONS)[P]>
  >;
  running.push(daemon);
  return { daemon, address, port, tally: () => faillockCount(folder, OWNER.user) };
}

async function using<T>(made: RealCheck, work: (made: RealCheck) => Promise<T>): Promise<T> {
  try {
    return await work(made);
  } finally {
    made.close();
  }
}

// Each waits for seconds on its own daemon, so all wait at once.
suite('accounts that lock', { concurrency: true }, () => {
  for (const protocol of ['telnet', 'ftp'] as const) {
    const owner = (at: { readonly address: string; readonly port: number }) =>
      using(realCheck(protocol, [[OWNER.user, OWNER.password]]), made => made.check(at.address, at.port));

    test(`${protocol}: a round leaves the account open, and its owner comes in afterwards`, async () => {
      const { daemon, tally, ...at } = await serve(protocol, pamFaillock('ends-at-once'));
      const made = realCheck(protocol, WRONG, { limits: { triesPerAccountPerDay: LOCKS_AT } });
      const { verdict, tries } = await using(made, ({ check }) => check(at.address, at.port));
      assert.deepEqual([verdict, tries], ['CLEAR', LOCKS_AT - 1], 'one try is kept for a decoy');
      assert.equal(tally(), tries, 'the far end counts what we count');
      assert.equal((await owner(at)).verdict, 'WEAK');
      assert.equal('sessions' in daemon ? daemon.sessions() : daemon.seen().accepted, 1);
    });

    test(`${protocol}: it holds for the whole day, however often the check is run`, async () => {
      const { tally, ...at } = await serve(protocol, pamFaillock('ends-at-once'));
      await using(realCheck(protocol, WRONG, { limits: { triesPerAccountPerDay: LOCKS_AT } }), async ({ check }) => {
        for (let run = 0; run < 3; run++) await check(at.address, at.port);
      });
      assert.equal(tally(), LOCKS_AT - 1, 'the try kept for a decoy is kept from later checks too');
      assert.equal((await owner(at)).verdict, 'WEAK');
    });
  }

  test('a guessable account: its decoys stay below the lock as well', async () => {
    const { daemon, address, port, tally } = await serve('telnet', pamFaillock('ends-at-once'));
    const pairs: readonly Words[] = [['admin', '1111'], [OWNER.user, OWNER.password], ...WRONG.slice(1)];
    const made = realCheck('telnet', pairs, { limits: { triesPerAccountPerDay: LOCKS_AT } });
    const { tries } = await using(made, ({ check }) => check(address, port));
    assert.deepEqual([daemon.sessions(), tries], [1, LOCKS_AT], 'a wrong one, the right one, the decoy');
    assert.ok(tally() < LOCKS_AT, `${tally()} failures`);
  });

  for (const style of ['ends-at-once', 'asks-on'] as const)
    test(`counter-proof, ${style}: more than the lock allows locks it, is seen, and is the last that is sent that day`, async () => {
      const { daemon, address, port, tally } = await serve('telnet', pamFaillock(style));
      await using(realCheck('telnet', WRONG, { limits: { triesPerAccountPerDay: 10 } }), async ({ check }) => {
        const { verdict, reported, kinds, tries } = await check(address, port);
        assert.deepEqual([verdict, reported, kinds], ['LOCKED_COOLING', 'locked', []]);
        assert.equal(tally(), LOCKS_AT, 'it is locked');
        assert.equal(tries, LOCKS_AT + 1, 'the try that was told so is the last');
        const failures = daemon.failures();
        const again = await check(address, port);
        assert.deepEqual([again.reported, again.tries, daemon.failures()], ['locked', 0, failures]);
      });
      const made = realCheck('telnet', [[OWNER.user, OWNER.password]]);
      const owner = await using(made, ({ check }) => check(address, port));
      assert.deepEqual([owner.reported, daemon.sessions()], ['locked', 0], 'even the owner is kept out');
    });
});
