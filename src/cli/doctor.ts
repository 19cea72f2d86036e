/** `notice doctor`: what works on this machine, and what to do about what does not. Sends nothing beyond loopback. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, freemem } from 'node:os';
import { Command } from 'commander';
import { EXIT } from '../record/fault.ts';
import { dialsHere } from '../survey/probe/dial.ts';
import { doctorSweep } from '../survey/sweep/doctor.ts';
import { table } from './table.ts';

/** `works`: ready. `without`: an optional part is missing and something else does its work. `missing`: it will not run. */
type State = 'works' | 'without' | 'missing';

export interface Finding {
  readonly part: string;
  readonly state: State;
  readonly fact: string;
  readonly remedy: string;
}

const works = (part: string, fact: string): Finding => ({ part, state: 'works', fact, remedy: '' });

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return works('Node.js', process.versions.node);
  return {
    part: 'Node.js',
    state: 'missing',
    fact: process.versions.node,
    remedy: 'install Node 24 or newer, or run by npm, which brings its own',
  };
}

/** Open files this process may have; every conversation in flight needs one. */
function files(): Finding {
  const line = /^Max open files\s+(\d+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  const soft = Number(line?.[1] ?? 0);
  if (soft >= 4096) return works('open files', `${soft.toLocaleString('en')} allowed`);
  return {
    part: 'open files',
    state: 'without',
    fact: `${soft} allowed: fewer conversations at once`,
    remedy: 'ulimit -n 20000',
  };
}

function memory(): Finding {
  const megabytes = Math.round(freemem() / 1e6);
  const fact = `${megabytes.toLocaleString('en')} MB free, ${availableParallelism()} processors`;
  return megabytes >= 1500
    ? works('memory', fact)
    : { part: 'memory', state: 'without', fact, remedy: 'the rehearsal needs about 1,500 MB' };
}

function disk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const megabytes = Math.round((bavail * bsize) / 1e6);
  const fact = `${megabytes.toLocaleString('en')} MB free here`;
  return megabytes >= 500
    ? works('disk', fact)
    : { part: 'disk', state: 'missing', fact, remedy: 'free 500 MB or start in another folder' };
}

/** The simulated country lives on 127.64.0.0/12; Linux answers for all of 127.0.0.0/8 without configuration. */
function loopback(): Promise<Finding> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', error =>
      resolve({
        part: 'loopback',
        state: 'missing',
        fact: `127.64.0.1 cannot be used (${(error as { code?: string }).code})`,
        remedy: 'the rehearsal needs Linux with all of 127.0.0.0/8 on lo',
      }),
    );
    server.listen(0, '127.64.0.1', () =>
      server.close(() => resolve(works('loopback', '127.64.0.1 can be listened on'))),
    );
  });
}

async function letters(): Promise<Finding> {
  try {
    await import('@myriaddreamin/typst-ts-node-compiler');
    return works('letters', 'the PDF engine loads');
  } catch {
    return {
      part: 'letters',
      state: 'missing',
      fact: 'the PDF engine does not load',
      remedy: 'remove node_modules and start again',
    };
  }
}

function program(part: string, file: string, args: readonly string[], use: string, packageName: string): Finding {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return works(part, `${stdout}${stderr}`.trim().split('\n')[0] ?? '');
  return {
    part,
    state: 'without',
    fact: `not installed: ${use}`,
    remedy: `apt-get install ${packageName} (npm test does it as root)`,
  };
}

function conversations(): Finding {
  const { way, why } = dialsHere();
  if (why === undefined) return works('probe', `conversations by ${way}`);
  return {
    part: 'probe',
    state: 'without',
    fact: `conversations by ${way}, at about twice the cost: ${why}`,
    remedy: 'remove node_modules and start again',
  };
}

export async function examine(folder: string): Promise<Finding[]> {
  return [
    node(),
    files(),
    memory(),
    disk(folder),
    await loopback(),
    ...(await doctorSweep()),
    conversations(),
    await letters(),
    program('browser', '/usr/bin/chromium', ['--version'], 'pages are not tested in a real browser', 'chromium'),
    program('PDF reader', 'pdftotext', ['-v'], 'letters are not read back in tests', 'poppler-utils'),
    program(
      'PostgreSQL',
      '/usr/lib/postgresql/15/bin/postgres',
      ['--version'],
      'the store is tested on the embedded engine only',
      'postgresql',
    ),
  ];
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('What works on this machine, and what to do about what does not.')
    .option('--json', 'one JSON line a part')
    .addHelpText('after', '\nExample:\n  notice doctor\n')
    .action(async (options: { json?: boolean }) => {
      const found = await examine(process.cwd());
      if (options.json) for (const one of found) process.stdout.write(`${JSON.stringify(one)}\n`);
      else {
        process.stdout.write(
          table(
            ['part', 'state', 'fact'],
            found.map(f => [f.part, f.state, f.fact]),
          ),
        );
        for (const { part, remedy } of found.filter(f => f.remedy)) process.stdout.write(`  ${part}: ${remedy}\n`);
        const missing = found.filter(f => f.state === 'missing').length;
        process.stdout.write(
          missing
            ? `\n${missing} part(s) must be mended before anything runs here.\n`
            : '\nReady. Next: notice rehearse --once\n',
        );
      }
      if (found.some(f => f.state === 'missing')) process.exitCode = EXIT.dependency;
    });
}
