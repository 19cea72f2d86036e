/**
 * What a check of SSH needs: a real gate over signed paper for a piece of loopback, because its threads build their own from
 * its tables; the real budget and audit log in a folder; a small catalogue. In: ports. Out: the check's dependencies, and
 * ways to look and to try without it.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAudit } from '../../src/mandate/audit.ts';
import { openBudget } from '../../src/mandate/budget.ts';
import { type CompiledGate, compileGate } from '../../src/mandate/gate.ts';
import { sha256 } from '../../src/record/digest.ts';
import type { MandateBody } from '../../src/record/mandate.ts';
import { loadCatalogue } from '../../src/survey/credential/catalogue.ts';
import type { CheckDeps } from '../../src/survey/credential/check.ts';
import { dial } from '../../src/survey/probe/dial.ts';
import type { Attempted, Facts } from '../../src/survey/probe/driver.ts';
import { type Conversation, converse } from '../../src/survey/probe/runner.ts';
import { sshDriver } from '../../src/survey/probe/ssh/driver.ts';
import { paperToday } from '../fixtures/paper-today.ts';

export const WEAK = { user: 'admin', password: 'CNRY-22' };
export const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };

const CATALOGUE = JSON.stringify({
  format: 'notice-catalogue/1',
  version: 'ssh-1',
  pairs: [
    ['admin', 'CNRY-11', 90],
    ['root', 'CNRY-44', 80],
    ['admin', 'CNRY-22', 70],
  ].map(([user, password, weight]) => ({ user, password, weight, vendors: [], protocols: ['ssh'] })),
});

export interface SshLaboratory {
  readonly deps: CheckDeps;
  readonly gate: CompiledGate;
  folder(name: string): string;
  look(address: string, port: number): Promise<{ readonly conversation: Conversation; readonly facts: Facts }>;
  /** Looks, then tries this pair. */
  attempt(
    address: string,
    port: number,
    pair: typeof WEAK,
    more?: { notAfter?: number; signal?: AbortSignal },
  ): Promise<Attempted>;
  /** Everything below its folder that is not a daemon's, for searching. */
  written(): string;
  close(): void;
}

export function sshLaboratory(
  ports: readonly number[],
  deadlines: Partial<MandateBody['deadlines']> = {},
): SshLaboratory {
  const paper = paperToday({
    isps: { 'isp-a': ['127.97.0.0/16'] },
    ports: { ssh: ports },
    deadlines: { settleMs: 200, conversationMs: 6_000, checkMs: 60_000, ...deadlines },
    limits: { gapMs: 50 },
  });
  const dir = mkdtempSync(join(tmpdir(), 'notice-ssh-'));
  const state = join(dir, 'state');
  mkdirSync(state);
  const clocks = { calendar: Date.now, monotonic: () => performance.now() };
  const gate = compileGate(paper.load(), clocks);
  const audit = openAudit(join(state, 'audit.log'), clocks);
  const budget = openBudget(join(state, 'budget'), gate.mandate, clocks);
  const deps: CheckDeps = {
    ...{ clocks, gate, audit, budget, dial },
    random: n => randomBytes(n),
    catalogue: loadCatalogue(CATALOGUE, sha256(CATALOGUE), 'ssh'),
  };
  const look: SshLaboratory['look'] = async (address, port) => {
    const talk = sshDriver.begin({ host: address, agent: '', settleMs: 200, random: randomBytes(8) });
    const conversation = await converse({ address, port, act: 'identify', transport: 'tcp', talk }, deps);
    return { conversation, facts: talk.facts() };
  };
  return {
    deps,
    gate,
    look,
    folder(name) {
      const made = join(dir, name);
      mkdirSync(made);
      return made;
    },
    async attempt(address, port, credential, { notAfter, signal } = {}) {
      const { facts } = await look(address, port);
      const order = { address, port, act: 'attempt' as const, credential, facts, settleMs: 200 };
      const attempted = await sshDriver.attempt?.(
        { ...order, ...(notAfter === undefined ? {} : { notAfter }) },
        { ...deps, ...(signal === undefined ? {} : { signal }) },
      );
      if (!attempted) throw new TypeError('SSH has attempts of its own');
      return attempted;
    },
    written: () =>
      readdirSync(state, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n'),
    close() {
      budget.close();
      audit.close();
      paper.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
