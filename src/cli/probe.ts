/**
 * `notice probe`: targets as NDJSON in, observations as NDJSON out, under a signed mandate. What is positive leaves only
 * as a reference and an envelope sealed to the responsible ISP; no line of the output holds an address. References are
 * keyed, so that they cannot be matched with the lines of the input.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { z } from 'zod';
import { compileConsents } from '../attribution/consents.ts';
import { openAudit } from '../mandate/audit.ts';
import { openBudget } from '../mandate/budget.ts';
import { watchExclusions } from '../mandate/exclusions.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper } from '../mandate/paper.ts';
import { parseIpv4 } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import { PROTOCOLS } from '../record/glossary.ts';
import { monthOf } from '../record/instant.ts';
import type { SpoolRecord } from '../record/observation.ts';
import { recordsOf } from '../role/evidence.ts';
import { secretIn, signingKeyIn } from '../role/key-folder.ts';
import { lockFolder } from '../role/lock.ts';
import { loadCatalogue } from '../survey/credential/catalogue.ts';
import { type CheckResult, checkService, type Target } from '../survey/credential/check.ts';
import { dial } from '../survey/probe/dial.ts';
import { runChecks } from '../survey/probe/scheduler.ts';
import { failOnBad, readNdjson } from './ndjson.ts';
import { type PaperOptions, paperFiles } from './paper-options.ts';
import { statusLine } from './status-line.ts';

interface Options extends PaperOptions {
  readonly state: string;
  readonly keys?: string;
  readonly concurrency: string;
}

const clocks = { calendar: Date.now, monotonic: () => performance.now() };
const random = (length: number): Uint8Array => randomBytes(length);

const shape = z.object({
  address: z.string().refine(text => parseIpv4(text) !== undefined, 'is not an IPv4 address'),
  port: z.int().min(1).max(65_535),
  protocol: z.enum(PROTOCOLS).optional(),
});

/** What may be printed. A finding replaces its observation: a positive in clear is not for any output. */
export function printable(records: readonly SpoolRecord[], result: CheckResult): object[] {
  return records.flatMap((record): object[] => {
    if (record.type === 'finding') {
      const { id, kind, sealed } = record.finding;
      return [{ ref: id, kind, sealed }];
    }
    if (record.type !== 'observation' || result.reported === 'positive') return [];
    const { id, lineKey: _, shard: __, round: ___, ...rest } = record.observation;
    return [{ ref: id, ...rest }];
  });
}

async function probe(options: Options): Promise<void> {
  const concurrency = Number(options.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 10_000)
    throw new Fault('usage', `--concurrency ${options.concurrency} is not a number from 1 to 10000`, 'give one');
  const paper = loadPaper(paperFiles(options));
  const gate = compileGate(paper, clocks);
  const { catalogueSha256 } = gate.mandate.identifiers;
  const catalogue = loadCatalogue(paper.catalogueText, catalogueSha256, paper.files.catalogue);
  const unlock = lockFolder(options.state);
  const folder = options.keys ?? options.state;
  const keys = {
    signing: signingKeyIn(folder, 'prober'),
    recognition: secretIn(folder, 'recognition', random),
    attribution: compileConsents(paper.consents, paper.trust),
  };
  const audit = openAudit(join(options.state, 'audit.log'), clocks);
  const budget = openBudget(join(options.state, 'budget'), gate.mandate, clocks);
  const watch = watchExclusions(paper.files.exclusions, gate, clocks, change => {
    audit.append('exclusions', { added: change.added, stopped: change.stopped });
    process.stderr.write(`notice: ${change.message}\n`);
  });
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  process.stdout.once('error', abort);
  const line = statusLine(process.stderr, clocks);
  const round = `probe-${monthOf(clocks.calendar())}`;
  const { records, bad } = readNdjson(process.stdin, 'stdin', shape);
  const counts = { done: 0, positive: 0, tries: 0 };
  async function* targets(): AsyncGenerator<Target> {
    for await (const { value } of records)
      yield { ...value, protocol: value.protocol ?? gate.protocolOf(value.port) ?? 'telnet' };
  }
  try {
    audit.append('probe-start', { mandate: gate.digest });
    await runChecks(
      targets(),
      target => checkService(target, { clocks, random, gate, budget, audit, dial, catalogue, signal: stop.signal }),
      { concurrency, signal: stop.signal },
      async (target, result) => {
        const service = { round, shard: 0, ...target };
        const found = await recordsOf(service, result, keys, catalogue.version);
        // Nobody is responsible for an address outside every consent, so there is no observation either: only this.
        const rows = found.length > 0 ? printable(found, result) : [{ ref: null, reported: result.reported }];
        for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
        counts.done++;
        counts.tries += result.tries;
        counts.positive += Number(result.reported === 'positive');
        line.set(`probe  ${counts.done} checked  ${counts.positive} positive  ${counts.tries} tries`);
      },
    );
    line.done(stop.signal.aborted ? 'stopped as asked' : `done: ${counts.done} checked, ${counts.positive} positive`);
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
    process.stdin.destroy();
    watch.close();
    budget.close();
    audit.close();
    unlock();
  }
  failOnBad('stdin', bad());
}

export function probeCommand(): Command {
  return new Command('probe')
    .description('Check services for guessable passwords and old firmware, as the mandate allows.')
    .requiredOption('--mandate <file>', 'the signed mandate; the other papers are looked for beside it')
    .option('--trust <file>', 'who may sign (default: trust.json beside the mandate)')
    .option('--consents <dir>', "the ISPs' signed lists (default: consents/ beside the mandate)")
    .option('--exclusions <file>', 'addresses never to be probed (default: exclusions.txt beside the mandate)')
    .option('--catalogue <file>', 'the catalogue of guessable passwords (default: catalogue.json beside the mandate)')
    .option('--state <dir>', 'the folder for budget and audit', '.notice')
    .option('--keys <dir>', 'the folder of the prober’s keys (default: the state folder)')
    .option('--concurrency <n>', 'conversations at once; never two with one address', '256')
    .option('--json', 'NDJSON on stdout, which it always is')
    .addHelpText(
      'after',
      `
In, one JSON object a line: {"address":"127.64.0.9","port":2323}, with "protocol" where the mandate has none for the port.
Out, one a line: an observation without an address, or {"ref","kind","sealed"} for what only the ISP may read.

Example:
  notice sweep --mandate mandate.json --json | notice probe --mandate mandate.json --state prober
`,
    )
    .action((options: Options) => probe(options));
}
