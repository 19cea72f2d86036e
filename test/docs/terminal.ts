/**
 * A terminal for a page's commands: one bash in one folder, so that `cd`, variables and background jobs go on from step to
 * step. In: a folder and the programs' folder. Out: what each command printed and its exit code. Where this machine lets
 * us, it is in a network of its own, so that nothing else on loopback can answer and nothing beyond it can be reached.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Said {
  readonly printed: string;
  readonly exit: number;
}

export interface Terminal {
  /** Runs one command; rejects when it takes longer than `ms` or the shell ends. */
  run(command: string, ms: number): Promise<Said>;
  /** Programs begun with `&` that still run. */
  running(): Promise<number>;
  close(): void;
}

const UP = 'ip link set lo up';
/** How a shell is begun: alone on its own loopback as root, as an ordinary user, or else on the machine's. */
const WAYS: readonly (readonly string[])[] = [['unshare', '--net'], ['unshare', '--net', '--map-root-user'], []];

/** `notice` as the guide means it: this build, under the Node that runs the tests. */
function shim(folder: string, notice: string): void {
  mkdirSync(folder, { recursive: true });
  const put = (name: string, target: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${target} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  };
  put('notice', `'${process.execPath}' '${notice}'`);
  put('node', `'${process.execPath}'`);
}

export function openTerminal(o: { readonly folder: string; readonly bin: string; readonly notice: string }): Terminal {
  shim(o.bin, o.notice);
  const way = WAYS.find(
    ([program, ...args]) => program === undefined || spawnSync(program, [...args, 'sh', '-c', UP]).status === 0,
  );
  const [program = 'bash', ...args] = [...(way ?? []), 'bash', '--noprofile', '--norc'];
  const shell = spawn(program, args, {
    cwd: o.folder,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: `${o.bin}${delimiter}${process.env.PATH ?? ''}`,
      HOME: o.folder,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      NO_COLOR: '1',
    },
  });
  let text = '';
  let heard = () => {};
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      heard();
    });
  shell.on('exit', () => heard());
  // One pipe for both, so that what is printed stays in order; loopback is down in a new network.
  shell.stdin.write(`exec 2>&1\n${way?.length ? UP : ':'}\n`);

  function run(command: string, ms: number): Promise<Said> {
    const end = `--end-${randomBytes(8).toString('hex')}`;
    text = '';
    // Read by `eval` from a here-document: nothing the command reads from its own input is a later command.
    shell.stdin.write(
      `eval "$(cat <<'${end}'\n${command}\n${end}\n)" </dev/null\nprintf '\\n%s %s\\n' '${end}' "$?"\n`,
    );
    const mark = new RegExp(`\n${end} (\\d+)\n`);
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`still running after ${ms} ms; so far:\n${text}`)), ms);
      heard = () => {
        const found = mark.exec(text);
        if (!found && shell.exitCode === null) return;
        clearTimeout(timer);
        heard = () => {};
        if (found) done({ printed: text.slice(0, found.index), exit: Number(found[1]) });
        else fail(new Error(`the shell ended: ${text}`));
      };
      heard();
    });
  }
  return {
    run,
    running: async () => Number((await run('jobs -r | wc -l', 5_000)).printed),
    close: () => {
      try {
        // The whole group: what a failed page left in the background ends with its shell.
        if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    },
  };
}
