/**
 * The embedded store, from the outside: takes a folder's lock, makes the data folder when there is none, runs the worker
 * and says where its socket is. In the folder: `data/`, `logins.json` (mode 0600), `store.lock`, and the socket.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { errorOf, Fault, fileFault } from '../record/fault.ts';
import { ispLogin, type LoginName, seatOf } from './compartment.ts';
import { ensureDataFolder } from './data-folder.ts';
import type { EmbeddedAsk, EmbeddedData, EmbeddedSay } from './embedded-worker.ts';
import { lockFolder } from './lock.ts';
import { readLogins, withPasswords, writeLogins } from './logins.ts';
import { moduleBeside } from './template.ts';
import type { TurnLimits } from './turn.ts';

/** PostgreSQL's own name, so that any client finds it by the folder. */
const SOCKET = '.s.PGSQL.5432';
/** sockaddr_un holds 108 bytes with the zero at the end (unix(7)). */
const LONGEST_PATH = 107;

export interface Embedded {
  readonly socketDir: string;
  /** True when this start made the data folder. */
  readonly fresh: boolean;
  password(login: LoginName): string | undefined;
  addIsp(id: string): Promise<void>;
  close(): Promise<void>;
}

function socketFolder(dir: string): { readonly socketDir: string; readonly temporary: boolean } {
  if (Buffer.byteLength(join(dir, SOCKET)) <= LONGEST_PATH) return { socketDir: dir, temporary: false };
  return { socketDir: mkdtempSync(join(tmpdir(), 'notice-')), temporary: true };
}

/** Throws Fault: `locked`, `no-space`, `resource` or `database`, each with its remedy. */
export async function openEmbedded(options: {
  readonly dir: string;
  readonly limits?: TurnLimits;
  /** Told once when the engine fails while it is open; every connection has been cut. */
  readonly onLost?: (fault: Fault) => void;
}): Promise<Embedded> {
  const { dir } = options;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
  } catch (thrown) {
    throw fileFault(thrown, dir);
  }
  const unlock = lockFolder(dir);
  try {
    const { data, fresh } = await ensureDataFolder(dir);
    const loginsFile = join(dir, 'logins.json');
    const { socketDir, temporary } = socketFolder(dir);
    let logins = { ...withPasswords(readLogins(loginsFile), ['centre', 'web']), socketDir };
    writeLogins(loginsFile, logins);
    const path = join(socketDir, SOCKET);
    // Left by a process that was killed; the lock says that nobody listens on it.
    rmSync(path, { force: true });
    const loginOf = (name: LoginName) => ({ ...seatOf(name), password: logins.passwords[name] as string });
    const names = Object.keys(logins.passwords) as LoginName[];
    const started: EmbeddedData = {
      data,
      path,
      logins: names.map(loginOf),
      isps: names.filter(name => name.startsWith('isp_')).map(name => name.slice('isp_'.length)),
      ...(options.limits ? { limits: options.limits } : {}),
    };
    const talk = await startWorker(started, dir, fault => options.onLost?.(fault));
    return {
      socketDir,
      fresh,
      password: login => logins.passwords[login],
      async addIsp(id) {
        const name = ispLogin(id);
        if (logins.passwords[name] !== undefined) return;
        const wider = { ...withPasswords(logins, [name]), socketDir };
        await talk.ask({ ask: 'isp', isp: id, login: { ...seatOf(name), password: wider.passwords[name] as string } });
        logins = wider;
        writeLogins(loginsFile, logins);
      },
      async close() {
        await talk.end();
        rmSync(path, { force: true });
        if (temporary) rmSync(socketDir, { recursive: true, force: true });
        unlock();
      },
    };
  } catch (thrown) {
    unlock();
    throw thrown;
  }
}

/** Starts the worker and waits until it serves; then asks it one thing at a time. */
async function startWorker(data: EmbeddedData, dir: string, onLost: (fault: Fault) => void) {
  const worker = new Worker(moduleBeside('embedded-worker'), { workerData: data });
  const broken = (cause: unknown) =>
    new Fault(
      'database',
      `the embedded database stopped (${errorOf(cause).message})`,
      `start again; when that does not help, move ${data.data} away to begin with an empty one`,
      { where: dir, cause },
    );
  const answers: { readonly resolve: () => void; readonly reject: (why: unknown) => void }[] = [];
  const answer = () => new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
  let ended = false;
  const fail = (cause: unknown) => {
    if (ended) return;
    const fault = broken(cause);
    if (answers.length === 0) onLost(fault);
    for (const one of answers.splice(0)) one.reject(fault);
  };
  worker.on('message', (heard: EmbeddedSay) => {
    if (heard.say === 'lost') fail(heard.why);
    else if (heard.say === 'failed') answers.shift()?.reject(broken(heard.why));
    else answers.shift()?.resolve();
  });
  worker.on('error', fail);
  worker.on('exit', code => fail(new Error(`the worker ended with ${code}`)));
  await answer();
  return {
    ask(ask: EmbeddedAsk) {
      worker.postMessage(ask);
      return answer();
    },
    async end() {
      if (ended) return;
      const done = answer();
      worker.postMessage({ ask: 'close' } satisfies EmbeddedAsk);
      await done.catch(() => undefined);
      ended = true;
      await worker.terminate();
    },
  };
}
