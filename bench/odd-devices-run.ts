/**
 * All odd devices against all programs, in the network namespace it is started in, from which nothing can leave. In: what to
 * run, as JSON. Out: one JSON line with a cell for each program, device and half; tries are counted at the devices' end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ODD_DEVICES } from '../src/rehearsal/odd-devices/collection.ts';
import { idOf, type Key } from '../src/rehearsal/odd-devices/device.ts';
import type { Place } from '../src/rehearsal/odd-devices/open.ts';
import { startOddDevices } from '../src/rehearsal/odd-devices/start.ts';
import { surveyOddDevices } from '../test/prove/odd-devices.ts';
import { freePorts, PAIRS } from '../test/prove/odd-devices-survey.ts';
import { ODD_PEERS, type OddPeer, versionOf } from './odd-devices-peers.ts';

export interface Order {
  readonly ids: readonly string[];
  readonly peers: readonly string[];
  readonly atOnce: number;
  /** Given to one program for one device, ms. */
  readonly limitMs: { readonly telnet: number; readonly other: number };
}

export interface Cell {
  readonly tool: string;
  readonly id: string;
  readonly half: 'wrong' | 'right';
  /** `alien`: the program does not speak this protocol. */
  readonly said: 'found' | 'nothing' | 'hang' | 'alien';
  /** Of ours only. */
  readonly verdict?: string;
  readonly tries: number;
  readonly seconds: number;
}

export interface Matrix {
  readonly cells: readonly Cell[];
  readonly versions: Readonly<Record<string, string>>;
}

const OURS = 'ours';
const MOST_OUTPUT = 256 * 1024;
const [pair] = PAIRS as readonly [Key];

/** Ends the whole group of a program we started, in a way it cannot ignore. */
function end(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in this instant.
  }
}

function ask(peer: OddPeer, place: Place, folder: string, limitMs: number): Promise<Omit<Cell, 'tries'>> {
  const { address, port, personality, guessable } = place;
  const { protocol } = personality;
  const half = guessable ? 'right' : 'wrong';
  const id = idOf(personality);
  const args = peer.command({ address, port, protocol }, pair, folder);
  if (!args) return Promise.resolve({ tool: peer.name, id, half, said: 'alien', seconds: 0 });
  const began = performance.now();
  return new Promise(resolve => {
    const child = spawn(peer.file, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    let hang = false;
    const timer = setTimeout(() => {
      hang = true;
      end(child);
    }, limitMs);
    child.stdout.on('data', chunk => {
      if (out.length < MOST_OUTPUT) out += chunk;
    });
    child.once('error', () => {});
    child.once('close', () => {
      clearTimeout(timer);
      // A program that claims and then hangs has claimed.
      const said = peer.claims.test(out) ? 'found' : hang ? 'hang' : 'nothing';
      resolve({ tool: peer.name, id, half, said, seconds: (performance.now() - began) / 1000 });
    });
  });
}

async function askAll(order: Order, peer: OddPeer, block: number): Promise<Cell[]> {
  const personalities = ODD_DEVICES.filter(one => order.ids.includes(idOf(one)));
  const ports = await freePorts([...new Set(personalities.map(one => one.protocol))]);
  // Devices of its own, because some remember who has tried before.
  const devices = await startOddDevices({ block, ports, each: 1, pairs: [pair], personalities });
  const folder = mkdtempSync(join(tmpdir(), `notice-${peer.name}-`));
  writeFileSync(join(folder, 'user'), `${pair.user}\n`);
  writeFileSync(join(folder, 'password'), `${pair.password}\n`);
  try {
    const cells: Omit<Cell, 'tries'>[] = [];
    let next = 0;
    const hand = async () => {
      for (let i = next++; i < devices.places.length; i = next++) {
        const place = devices.places[i] as Place;
        const limit = place.personality.protocol === 'telnet' ? order.limitMs.telnet : order.limitMs.other;
        cells[i] = await ask(peer, place, folder, limit);
      }
    };
    await Promise.all(Array.from({ length: order.atOnce }, hand));
    const counts = await devices.counts();
    return cells.map((cell, i) => ({ ...cell, tries: counts[i]?.tries.length ?? 0 }));
  } finally {
    await devices.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function askOurs(order: Order): Promise<Cell[]> {
  const personalities = ODD_DEVICES.filter(one => order.ids.includes(idOf(one)));
  const { checked } = await surveyOddDevices(personalities, 1, ['127.0.0.1', '127.0.0.2']);
  return checked.map(({ place, result, late, count }): Cell => {
    const found = result?.kinds.some(kind => kind === 'guessable') === true;
    return {
      tool: OURS,
      id: idOf(place.personality),
      half: place.guessable ? 'right' : 'wrong',
      said: found ? 'found' : late || !result ? 'hang' : 'nothing',
      verdict: result?.verdict ?? 'none',
      tries: count.tries.length,
      seconds: 0,
    };
  });
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const peers = ODD_PEERS.filter(peer => order.peers.includes(peer.name));
const cells = [...(await askOurs(order))];
const rest = await Promise.all(peers.map((peer, i) => askAll(order, peer, 90 + i)));
const versions = Object.fromEntries(peers.map(peer => [peer.name, versionOf(peer)]));
process.stdout.write(`${JSON.stringify({ cells: [...cells, ...rest.flat()], versions } satisfies Matrix)}\n`);
process.exit(0);
