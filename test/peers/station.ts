/**
 * Sets odd devices up on loopback, one address each, and makes what a check needs: a gate that allows exactly them, the
 * real budget and audit log in a folder of their own. Counts at the far end.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAudit } from '../../src/mandate/audit.ts';
import type { Gate, GateTables, Refusal } from '../../src/mandate/authority.ts';
import { openBudget } from '../../src/mandate/budget.ts';
import { formatIpv4 } from '../../src/record/address.ts';
import { sha256 } from '../../src/record/digest.ts';
import type { Act, Protocol } from '../../src/record/glossary.ts';
import type { MandateBody } from '../../src/record/mandate.ts';
import type { Key, Sight } from '../../src/rehearsal/odd-devices/device.ts';
import { loadCatalogue } from '../../src/survey/credential/catalogue.ts';
import type { CheckDeps, Target } from '../../src/survey/credential/check.ts';
import { dial } from '../../src/survey/probe/dial.ts';

export interface Count {
  connections: number;
  open: number;
  mostOpen: number;
  /** Bytes that arrived after a session was open. */
  afterAccept: number;
  readonly tries: { readonly user: string; readonly password: string; readonly at: number }[];
}

export interface Station {
  readonly count: Count;
  readonly target: Target;
  close(): Promise<void>;
}

export type Device = (socket: Socket, key: Key | null, sight: Sight) => void;

/** What the laboratory's gate says of a port: every station is on one of its own. */
const PROTOCOL_OF = new Map<number, Protocol>();

export function station(address: string, protocol: Protocol, device: Device, key: Key | null): Promise<Station> {
  const count: Count = { connections: 0, open: 0, mostOpen: 0, afterAccept: 0, tries: [] };
  const perSource = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server: Server = createServer(socket => {
    sockets.add(socket);
    count.connections++;
    count.open++;
    count.mostOpen = Math.max(count.mostOpen, 1);
    // One that was left before this one began may be told of a moment later: both ends are in one process here.
    setTimeout(() => {
      count.mostOpen = Math.max(count.mostOpen, count.open);
    }, 15);
    let accepted = false;
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      count.open--;
    });
    // Before the device's own listener: bytes are judged by the state in which they arrive.
    socket.on('data', chunk => {
      if (accepted) count.afterAccept += chunk.length;
    });
    device(socket, key, {
      accepted: () => {
        accepted = true;
      },
      tried: (user, password) => {
        count.tries.push({ user, password, at: performance.now() });
        const source = socket.remoteAddress ?? '';
        perSource.set(source, (perSource.get(source) ?? 0) + 1);
        return perSource.get(source) as number;
      },
    });
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, address, () => {
      const at = server.address();
      const port = typeof at === 'object' && at ? at.port : 0;
      PROTOCOL_OF.set(port, protocol);
      resolve({
        count,
        target: { address, port, protocol },
        close: () =>
          new Promise(done => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

export const CATALOGUE = JSON.stringify({
  format: 'notice-catalogue/1',
  version: 'test-1',
  pairs: [
    ['admin', 'CNRY-11', 90],
    ['root', 'CNRY-22', 80],
    ['admin', 'CNRY-33', 70],
    ['root', 'CNRY-44', 60],
  ].map(([user, password, weight]) => ({ user, password, weight, vendors: [], protocols: ['telnet', 'http'] })),
});

export const mandateBody = (changes: Partial<MandateBody> = {}): MandateBody => ({
  format: 'notice-mandate/1',
  id: 'odd-devices',
  legalBasis: 'test',
  period: { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' },
  organisation: { name: 'test', contact: 'test' },
  staff: [],
  sources: {
    addresses: ['127.0.0.1', '127.0.0.2'],
    publishedAt: '2026-01-01T00:00:00Z',
    publishedAs: 'https://survey.invalid/how',
  },
  facilities: [],
  targets: [],
  identifiers: { policy: 'test', catalogueVersion: 'test-1', catalogueSha256: sha256(CATALOGUE) },
  ports: [],
  hours: { from: '00:00', to: '24:00' },
  limits: {
    total: { perSecond: 1e6, burst: 1e6 },
    perIsp: { perSecond: 1e6, burst: 1e6 },
    per24: { perSecond: 1e6, burst: 1e6 },
    triesPerDevicePerDay: 40,
    triesPerAccountPerDay: 20,
    gapMs: 20,
  },
  deadlines: { connectMs: 1_000, settleMs: 80, conversationMs: 1_200, checkMs: 20_000 },
  decoys: { permitted: true, perDevicePerDay: 10 },
  noLoginChecks: { permitted: true },
  records: { security: 'test', outsourcing: 'none' },
  ...changes,
});

export interface Laboratory {
  readonly deps: CheckDeps;
  /** Moves the calendar on. */
  pass(ms: number): void;
  /** Everything written to disk, for searching. */
  written(): string;
  close(): void;
}

export interface LaboratoryOptions {
  readonly mandate?: Partial<MandateBody>;
  readonly catalogue?: string;
  readonly refuses?: (address: string, port: number, act: Act) => Refusal | undefined;
  /** Kept when the laboratory closes; otherwise it has one of its own. */
  readonly folder?: string;
  /** For stations of another process. */
  readonly protocol?: Protocol;
  readonly onMessage?: (text: string) => void;
}

/** Chance is a counter: runs are the same every time. */
export function laboratory(options: LaboratoryOptions = {}): Laboratory {
  const { mandate, catalogue = CATALOGUE, refuses, protocol, onMessage } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'odd-devices-'));
  const body = mandateBody(mandate);
  let passed = 0;
  const clocks = {
    calendar: () => Date.UTC(2026, 10, 2, 3) + Math.floor(performance.now()) + passed,
    monotonic: () => performance.now(),
  };
  const gate: Gate = {
    mandate: body,
    digest: '0'.repeat(64),
    refuses: (address, port, act) => refuses?.(formatIpv4(address), port, act),
    refusesSource: source => (body.sources.addresses.includes(source) ? undefined : 'source-not-named'),
    ispOf: () => 'test-isp',
    protocolOf: port => protocol ?? PROTOCOL_OF.get(port),
    tables: { mandate: body } as GateTables,
  };
  let seed = 1;
  const random = (length: number) =>
    Uint8Array.from({ length }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed >>> 24;
    });
  const budget = openBudget(join(folder, 'budget'), body, clocks);
  const audit = openAudit(join(folder, 'audit.log'), clocks);
  return {
    deps: {
      ...{ clocks, gate, random, budget, audit, dial },
      catalogue: loadCatalogue(catalogue, sha256(catalogue), 'test'),
      ...(onMessage ? { onMessage } : {}),
    },
    pass: ms => {
      passed += ms;
    },
    written: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n'),
    close: () => {
      budget.close();
      audit.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
