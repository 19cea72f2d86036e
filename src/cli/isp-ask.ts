/**
 * `notice isp ask`: one question to the ISP's own logs. About a rehearsal's addresses anybody may ask. About anybody else's only a
 * finding in a verified bundle may, or a paper that asker and lead have signed: then the question is counted, written down, and
 * answered without a name. A tool that says who had an address would be one for watching people.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { identify, type Question, type Step } from '../isp/assignment/identify.ts';
import { type AssignmentIndex, openAssignments } from '../isp/assignment/index.ts';
import { loadPools } from '../isp/assignment/pools.ts';
import { openSubscribers } from '../isp/assignment/subscribers.ts';
import { forgetVerdicts, openVerdictAudit, readVerdicts } from '../isp/assignment/verdict-audit.ts';
import { daysKept } from '../mandate/retention.ts';
import type { Identification } from '../record/assignment.ts';
import { Fault } from '../record/fault.ts';
import { DAY, dayOf, isoOf } from '../record/instant.ts';
import { lockFolder } from '../role/lock.ts';
import { checkApproval } from './isp-approval.ts';
import { countAsk } from './isp-ask-count.ts';
import { instant, isRehearsalSpace, placeOption, portOption } from './isp-ask-options.ts';
import { answerRecord, answerWords, type Shown } from './isp-ask-words.ts';
import { say } from './say.ts';

interface AskOptions {
  readonly dir: string;
  readonly pools: string;
  readonly address: string;
  readonly port: string;
  readonly at: string;
  readonly clockErrorMs: string;
  readonly approval?: string;
  readonly trust?: string;
  readonly json?: boolean;
}

const notByHand = () =>
  new Fault(
    'mandate-refused',
    "this address is somebody's: it may be asked about only by a finding in a verified bundle",
    'let notice isp pull ask; by hand only loopback, private and documentation addresses are answered, or what --approval allows',
  );

/** A pools file can lead a rehearsal's address to somebody's: every place on the way must be nobody's. */
const staysInRehearsal = (steps: readonly Step[]): boolean => steps.every(step => isRehearsalSpace(step.address));

function questionOf(options: AskOptions): Question {
  if (!/^\d{1,8}$/.test(options.clockErrorMs))
    throw new Fault('usage', `"${options.clockErrorMs}" is no number of milliseconds`, 'write such as 1000');
  return {
    address: placeOption(options.address).text,
    port: portOption(options.port),
    at: instant(options.at, '--at'),
    clockErrorMs: Number(options.clockErrorMs),
    askedAt: Date.now(),
  };
}

function ask(options: AskOptions): void {
  const question = questionOf(options);
  const open = isRehearsalSpace(placeOption(options.address).address);
  if (!open && options.approval === undefined) throw notByHand();
  const shown = options.approval === undefined ? rehearsed(options, question) : approved(options, question);
  const { address, port, at } = question;
  say(options.json, { address, port, at: isoOf(at), ...answerRecord(shown) }, answerWords(shown));
}

function rehearsed(options: AskOptions, question: Question): Shown {
  const index = openAssignments(options.dir, loadPools(options.pools));
  const steps: Step[] = [];
  const answer = identify(index, question, steps);
  if (!staysInRehearsal(steps)) throw notByHand();
  const { nameOf } = openSubscribers(options.dir);
  return { answer, steps, nameOf: line => (line === 0 ? 'unknown' : (nameOf(line) ?? String(line))) };
}

/** Counted before it is answered, written down before it is said. */
function approved(options: AskOptions, question: Question): Shown {
  if (options.trust === undefined)
    throw new Fault('usage', '--approval needs --trust', 'name the file of pinned keys of asker and lead');
  const now = question.askedAt ?? 0;
  const ref = checkApproval(options.approval as string, options.trust, question, now);
  const index = openAssignments(options.dir, loadPools(options.pools));
  const folder = join(options.dir, 'asks');
  const release = lockFolder(folder);
  try {
    return record(index, question, folder, now, ref);
  } finally {
    release();
  }
}

function record(index: AssignmentIndex, question: Question, folder: string, now: number, ref: string): Shown {
  const file = join(folder, 'verdicts.audit');
  forgetVerdicts(file, now - daysKept('verdicts') * DAY);
  const seen = readVerdicts(file).lines.filter(line => dayOf(line.at) === dayOf(now)).length;
  const audit = openVerdictAudit(file, randomBytes);
  try {
    countAsk(join(folder, 'count.json'), now, seen);
    const steps: Step[] = [];
    const answer: Identification = identify(index, question, steps);
    audit.append(now, 'ask', ref, { question, answer, steps });
    audit.sync();
    return { answer, steps };
  } finally {
    audit.close();
  }
}

export function askCommand(): Command {
  return new Command('ask')
    .description('which line held an address and port at an instant, and why or why not')
    .requiredOption('--dir <dir>', 'folder of the index')
    .requiredOption('--pools <file>', "JSON list of the ISP's pools")
    .requiredOption('--address <address>', 'IPv4 or IPv6 address')
    .requiredOption('--port <port>', 'port the finding names')
    .requiredOption('--at <instant>', 'instant with a zone')
    .option('--clock-error-ms <ms>', "how far the finding's clock may be off", '1000')
    .option(
      '--approval <file>',
      'the paper that asker and lead have signed; without it only rehearsal addresses are answered',
    )
    .option('--trust <file>', 'the pinned keys of those who may sign')
    .option('--json', 'one record for machines')
    .addHelpText(
      'after',
      '\nExample:\n  notice isp ask --dir logs --pools pools.json --address 127.64.0.9 --port 2323 --at 2026-11-22T10:30:00+09:00\n',
    )
    .action(ask);
}
