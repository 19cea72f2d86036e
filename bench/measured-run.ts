/**
 * Runs one command to its end or to a time limit. In: a command line, where to run it, what it reads. Out: CPU-seconds of its
 * whole process tree (what bash's `time` adds up from wait4), wall seconds, whether it had to be stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Run {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly finished: boolean;
  readonly code: number;
}

export interface RunOptions {
  /** Goes before the command line, not measured. */
  readonly enter: readonly string[];
  readonly stdin?: string;
  readonly stdout?: string;
  readonly seconds: number;
  /** Current folder and home of the command: some leave files there. */
  readonly folder: string;
  /** Called once the command runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** $1 stdin, $2 stdout, $3 seconds; the rest is the command. Prints `user system real code`. */
const SCRIPT = `in=$1 out=$2 limit=$3; shift 3
TIMEFORMAT='%3U %3S %3R'
time { timeout --kill-after=2 "$limit" "$@" <"$in" >"$out" 2>/dev/null; code=$?; }
echo "$code"`;

export function run(command: readonly string[], options: RunOptions): Promise<Run> {
  const { enter, stdin = '/dev/null', stdout = '/dev/null', seconds, folder, started } = options;
  const all = [...enter, 'bash', '-c', SCRIPT, 'bash', stdin, stdout, String(seconds), ...command];
  const [file = '', ...args] = all;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      env: { ...process.env, HOME: folder },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => {
      out += chunk;
    });
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    child.once('error', reject);
    child.once('close', () => {
      const [user, system, real] = (err.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
      const code = Number(out.trim());
      if (user === undefined || system === undefined || real === undefined || out === '')
        return reject(new Error(`${command[0]} could not be measured: ${err}`));
      // timeout(1) exits 124 when it had to stop the command, 137 when it had to kill it.
      resolve({ cpuSeconds: user + system, wallSeconds: real, finished: code !== 124 && code !== 137, code });
    });
    started?.(child);
  });
}
