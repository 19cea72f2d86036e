/**
 * `notice exchange open`: a sealed bundle into rows, NDJSON or CSV. With --evidence the envelope in each row is opened
 * too, which only its ISP can do. What does not verify is never printed.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { openBundle } from '../exchange/bundle.ts';
import { openSealed } from '../exchange/envelope.ts';
import { curveOf, readKey, readPublicKey, type SigningKey } from '../mandate/keys.ts';
import { loadTrust } from '../mandate/trust.ts';
import type { BundleRow } from '../record/bundle.ts';
import { errorOf, Fault, fileFault } from '../record/fault.ts';
import { isoOf } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';
import type { Evidence } from '../record/observation.ts';
import { csvCell } from '../statistics/csv.ts';
import { collect } from './mandate-keys.ts';
import { failOnBad } from './ndjson.ts';

interface Options {
  readonly key: string;
  readonly trust: string[];
  readonly evidence?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
};

/** A trust file pins the operator's keys; a public key file pins itself. */
function pinnedIn(file: string): readonly TrustedKey[] {
  const isTrust = /"format"\s*:\s*"notice-trust\/1"/.test(textOf(file));
  return isTrust ? loadTrust(file).operator : [readPublicKey(file, 'Ed25519')];
}

type Opened = BundleRow & { readonly evidence?: Evidence };

const COLUMNS = ['type', 'case_id', 'change', 'reason', 'kind', 'protocol', 'vendor', 'model', 'alert_code'] as const;
const WHERE = ['timestamp', 'ip', 'port', 'src_ip', 'src_port'] as const;

function cells(row: Opened, evidence: boolean): string {
  const one = row.type === 'case' ? row : undefined;
  const about = [one?.kind, one?.protocol, one?.vendor, one?.model, one?.alertCode];
  const reason = row.type === 'case' ? '' : row.reason;
  const e = row.evidence;
  const where = [e && isoOf(e.at), e?.address, e?.port, e?.source.address, e?.source.port];
  return [row.type, row.caseId, one?.change, reason, ...about, ...(evidence ? where : [])]
    .map(cell => csvCell(cell ?? null))
    .join(',');
}

async function open(file: string, options: Options): Promise<void> {
  const key = readKey(options.key);
  if (curveOf(key) !== 'X25519')
    throw new Fault('input', 'is a signing key', "name the ISP's sealing key", { where: options.key });
  const pinned = options.trust.flatMap(pinnedIn);
  const bundle = await openBundle(textOf(file), key, pinned).catch((thrown: unknown) => {
    throw thrown instanceof Fault ? placed(thrown, file) : thrown;
  });
  const { manifest, rows, digest, rejected } = bundle;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  if (options.csv) print([...COLUMNS, ...(options.evidence ? WHERE : [])].join(','));
  let bad = rejected.length;
  for (const { line, why } of rejected)
    process.stderr.write(`notice: ${file}:${line}: ${why}; the other rows are done\n`);
  for (const row of rows) {
    const evidence = options.evidence && row.type === 'case' ? await evidenceOf(row.sealed, key, pinned) : undefined;
    if (evidence instanceof Fault) {
      bad++;
      process.stderr.write(`notice: ${file}: evidence of ${row.caseId}: ${evidence.message}\n`);
    }
    const opened: Opened = evidence && !(evidence instanceof Fault) ? { ...row, evidence } : row;
    print(options.csv ? cells(opened, options.evidence ?? false) : JSON.stringify(opened));
  }
  process.stderr.write(
    `notice: bundle ${manifest.seq} of ${manifest.isp}, ${manifest.month}, ${rows.length} rows; digest ${digest}\n`,
  );
  failOnBad(file, bad);
}

/** The same fault with the file named: what, and after the last semicolon the remedy. */
function placed(fault: Fault, where: string): Fault {
  const cut = fault.message.lastIndexOf('; ');
  return new Fault(fault.code, fault.message.slice(0, cut), fault.message.slice(cut + 2), { where, cause: fault });
}

async function evidenceOf(sealed: string, key: SigningKey, pinned: readonly TrustedKey[]): Promise<Evidence | Fault> {
  try {
    return JSON.parse(await openSealed(sealed, key, pinned)) as Evidence;
  } catch (thrown) {
    return thrown instanceof Fault ? thrown : new Fault('input', errorOf(thrown).message, 'ask the operator');
  }
}

export function openCommand(): Command {
  return new Command('open')
    .description('Open a sealed bundle: its rows as NDJSON or CSV on stdout.')
    .argument('<file>', 'the sealed bundle')
    .requiredOption('--key <file>', "the ISP's sealing key")
    .requiredOption('--trust <file>', 'who may sign: a trust file or a public key; may be repeated', collect)
    .option('--evidence', 'also open the evidence in each row: where the device is; pin the prober too')
    .option('--csv', 'RFC 4180 with a fixed heading')
    .option('--json', 'NDJSON, which it is unless --csv')
    .addHelpText(
      'after',
      '\nExample:\n  notice exchange open bundle.jose --key isp-a.sealing.key.json --trust centre.pub.json --csv\n',
    )
    .action(open);
}
