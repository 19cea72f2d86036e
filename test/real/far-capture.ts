/**
 * What arrives at the far end of a pair, frame by frame: tcpdump there, and a listener that completes handshakes on one port of
 * every address. In: the pair, a file. Out: the file once it is complete, and how many frames the capture itself lost.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAR, NEAR, type VethPair } from './veth-pair.ts';

export interface FarCapture {
  /** Waits until nothing more comes. */
  end(): Promise<{ readonly lost: number }>;
}

async function said(child: ChildProcess, word: string): Promise<() => string> {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  for (let tries = 0; !text.includes(word); tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`${child.spawnfile} did not start: ${text}`);
    await sleep(50);
  }
  return () => text;
}

/** Only what the near end sent; its headers. */
export async function captureAtFarEnd(pair: VethPair, file: string): Promise<FarCapture> {
  const [command, args] = pair.inFar(
    ...(['tcpdump', '-i', FAR.device, '-Q', 'in', '-U', '-n', '-B', '65536', '-s', '96', '-w', file] as const),
    `tcp and src host ${NEAR.address}`,
  );
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  pair.owns(child);
  const words = await said(child, 'listening on');
  return {
    async end() {
      // It writes as it reads (-U).
      for (let last = -1, tries = 0; tries < 50; tries++) {
        const size = existsSync(file) ? statSync(file).size : 0;
        if (size === last) break;
        last = size;
        await sleep(600);
      }
      child.kill('SIGINT');
      await once(child, 'exit');
      return { lost: Number(/(\d+) packets dropped by kernel/.exec(words())?.[1] ?? Number.NaN) };
    },
  };
}

const LISTEN = `require('node:net').createServer(s => s.destroy()).listen(
  { host: '0.0.0.0', port: Number(process.argv[1]), backlog: 4096 }, () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit(0));`;

/** With AnyIP every address of the prefix listens, until the pair is stopped. */
export async function listenAtFarEnd(pair: VethPair, port: number): Promise<void> {
  const [command, args] = pair.inFar(process.execPath, '-e', LISTEN, String(port));
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  pair.owns(child);
  await said(child, 'ready');
}
