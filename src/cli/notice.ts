#!/usr/bin/env node
/** The command line: finds the command named first, loads only that one, and turns what stops it into one line and an exit code. */
import { type Command, CommanderError } from 'commander';
import { EXIT, errorOf, Fault, fileFault } from '../record/fault.ts';

interface Entry {
  readonly about: string;
  readonly load: () => Promise<Command>;
}

/** Each command in the order of the survey's story. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  rehearse: {
    about: 'run the whole programme against a simulated country on loopback',
    load: async () => (await import('./rehearse.ts')).rehearseCommand(),
  },
  mandate: {
    about: 'draft, sign and check the paper that allows a survey',
    load: async () => (await import('./mandate.ts')).mandateCommand(),
  },
  round: {
    about: 'run, resume or look at one round of the survey',
    load: async () => (await import('./round.ts')).roundCommand(),
  },
  sweep: {
    about: 'find which addresses answer on which port',
    load: async () => (await import('./sweep.ts')).sweepCommand(),
  },
  probe: {
    about: 'check services for guessable passwords and old firmware',
    load: async () => (await import('./probe.ts')).probeCommand(),
  },
  identify: {
    about: 'name vendor, model and firmware from what a device says',
    load: async () => (await import('./identify.ts')).identifyCommand(),
  },
  exchange: {
    about: 'seal, open and answer the bundles that go to an ISP',
    load: async () => (await import('./exchange.ts')).exchangeCommand(),
  },
  isp: {
    about: 'at an ISP: import logs, ask who held an address, pull, alert',
    load: async () => (await import('./isp.ts')).ispCommand(),
  },
  statistics: {
    about: "print a month's figures",
    load: async () => (await import('./statistics.ts')).statisticsCommand(),
  },
  audit: { about: 'verify an audit log', load: async () => (await import('./audit.ts')).auditCommand() },
  serve: {
    about: 'run one role: centre, prober, isp or web',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  doctor: {
    about: 'what works on this machine, and what to do about what does not',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
};

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(11)} ${about}`);
  return [
    'Usage: notice COMMAND [OPTIONS]',
    '',
    "A nation's IoT clean-up programme: survey, hand-over, alert, fix, statistics.",
    '',
    ...rows,
    '',
    'Every command has --help with an example. Machines read --json; progress goes to stderr.',
    'Exit: 0 done, 2 wrong usage, 3 refused by the mandate, 4 bad input, 5 a dependency is down.',
    '',
    'Start here:  notice rehearse --once',
    '',
  ].join('\n');
}

/** Usage errors are exit 2 at every depth of a command, not commander's 1, and one line as all errors are. */
function strict(command: Command, name: string): Command {
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const what = text
        .replace(/^error: /, '')
        .replace(/\s+/g, ' ')
        .trim()
        .replace(/\.$/, '');
      write(`notice: ${what}; run ${name} --help (exit ${EXIT.usage})\n`);
    },
  });
  for (const child of command.commands) strict(child, `${name} ${child.name()}`);
  return command;
}

const LEAST_NODE = 24;

/** A file system's refusal that no command foresaw is still the user's to mend: one line, not where in the code it was. */
function faultOf(thrown: unknown): Fault | undefined {
  if (thrown instanceof Fault) return thrown;
  const { code, path, syscall } = (thrown ?? {}) as { code?: string; path?: string; syscall?: string };
  if (code === undefined || !/^(open|read|write|mkdir|scandir|stat|lstat|rename|unlink|fsync)$/.test(syscall ?? ''))
    return;
  if (code === 'EISDIR') return new Fault('input', `${path ?? 'one of the files named'} is a folder`, 'name a file');
  return fileFault(thrown, path ?? `a file (${syscall})`);
}

async function main(asked: readonly string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < LEAST_NODE)
    throw new Fault(
      'resource',
      `Node ${process.versions.node} is too old`,
      `use npm start, npm run notice -- COMMAND, or npx notice, which take the Node ${LEAST_NODE} of this project`,
    );
  const argv = asked[0] === 'help' && asked[1] !== undefined ? [...asked.slice(1), '--help'] : asked;
  const name = argv[0];
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return EXIT.done;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) throw new Fault('usage', `there is no command "${name}"`, 'run notice --help for the list');
  const command = strict((await entry.load()).name(`notice ${name}`), `notice ${name}`);
  await command.parseAsync(argv.slice(1), { from: 'user' });
  return Number(process.exitCode ?? EXIT.done);
}

// Whoever read the output has gone away, as `head` does: not a fault. The work goes on; sweep and probe stop by themselves.
process.stdout.on('error', thrown => {
  if ((thrown as { code?: string }).code !== 'EPIPE') throw thrown;
});

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    if (thrown instanceof CommanderError) {
      // Commander has printed its own line already.
      process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    const fault = faultOf(thrown);
    const error = errorOf(thrown);
    const exit = fault?.exit ?? 1;
    process.stderr.write(`notice: ${fault ? fault.message : (error.stack ?? error.message)} (exit ${exit})\n`);
    process.exitCode = exit;
    // A stopped command may leave workers or sockets behind; what was durable is on disk already.
    setTimeout(() => process.exit(exit), 500).unref();
  },
);
