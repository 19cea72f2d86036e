/** `notice exchange seal`: rows (NDJSON) into one sealed bundle on stdout. Malformed rows are named and left out (exit 4). */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { BUNDLE_ROWS, FIRST_PREV, sealBundle } from '../exchange/bundle.ts';
import { monthText, rowShape } from '../exchange/row-shape.ts';
import { curveOf, readKey, readPublicKey } from '../mandate/keys.ts';
import type { BundleRow } from '../record/bundle.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { monthOf } from '../record/instant.ts';
import { insistIsp } from './mandate-keys.ts';
import { failOnBad, readNdjson } from './ndjson.ts';

interface Options {
  readonly rows: string;
  readonly to: string;
  readonly key: string;
  readonly isp: string;
  readonly seq: string;
  readonly prev: string;
  readonly month?: string;
  readonly auditRoot: string;
  readonly json?: boolean;
}

async function seal(options: Options): Promise<void> {
  const { isp, prev, auditRoot } = options;
  insistIsp(isp);
  const seq = Number(options.seq);
  if (!/^\d{1,9}$/.test(options.seq) || seq < 1)
    throw new Fault('usage', '--seq is no number from 1', 'count bundles from 1');
  if (!/^[0-9a-f]{64}$/.test(prev))
    throw new Fault('usage', '--prev is no digest', 'give the digest of the bundle before');
  const recipient = readPublicKey(options.to, 'X25519').publicKey;
  const signer = readKey(options.key);
  if (curveOf(signer) !== 'Ed25519')
    throw new Fault('input', 'is a sealing key', 'name the signing key of the centre', { where: options.key });
  const createdAt = Date.now();
  const month = options.month ?? monthOf(createdAt);
  if (!monthText.safeParse(month).success) throw new Fault('usage', `"${month}" is no month`, 'write it as 2026-11');
  const { rows, bad } = await rowsOf(options.rows);
  const manifest = {
    format: 'notice-bundle/1',
    isp,
    seq,
    prev,
    createdAt,
    month,
    rows: rows.length,
    auditRoot,
  } as const;
  const { sealed, digest } = await sealBundle({ manifest, rows, recipient, signer });
  process.stdout.write(`${options.json ? JSON.stringify({ isp, seq, digest, rows: rows.length, sealed }) : sealed}\n`);
  process.stderr.write(`notice: sealed ${rows.length} rows as bundle ${seq} of ${isp}; digest ${digest}\n`);
  failOnBad(options.rows, bad);
}

async function rowsOf(file: string): Promise<{ rows: BundleRow[]; bad: number }> {
  const rows: BundleRow[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  const input = createReadStream(file);
  await once(input, 'open').catch(thrown => {
    throw fileFault(thrown, file);
  });
  const { records, bad } = readNdjson(input, file, rowShape);
  for await (const { line, value } of records) {
    if (rows.length === BUNDLE_ROWS)
      throw new Fault('input', `holds more than ${BUNDLE_ROWS} rows`, 'make two bundles of it', {
        where: `${file}:${line}`,
      });
    if (seen.has(value.caseId)) {
      repeated++;
      process.stderr.write(`notice: ${file}:${line}: the case has a row already; the other lines are done\n`);
      continue;
    }
    seen.add(value.caseId);
    rows.push(value);
  }
  return { rows, bad: bad() + repeated };
}

export function sealCommand(): Command {
  return new Command('seal')
    .description('Seal rows, one JSON object a line, into a bundle for one ISP.')
    .requiredOption('--rows <file>', 'the rows: case, close, revoke (NDJSON)')
    .requiredOption('--to <file>', "the ISP's public sealing key")
    .requiredOption('--key <file>', 'the signing key of the centre')
    .requiredOption('--isp <id>', 'whom it is for')
    .option('--seq <n>', 'its number in the chain of this ISP', '1')
    .option('--prev <digest>', 'SHA-256 of the bundle before it', FIRST_PREV)
    .option('--month <YYYY-MM>', 'the month it reports (default: this month)')
    .option('--audit-root <hex>', "root of the centre's audit chain", '')
    .option('--json', 'one JSON line with the digest beside the sealed text')
    .addHelpText(
      'after',
      '\nExample:\n  notice exchange seal --isp isp-a --rows rows.ndjson --to isp-a.sealing.pub.json --key centre.key.json > bundle.jose\n',
    )
    .action(seal);
}
