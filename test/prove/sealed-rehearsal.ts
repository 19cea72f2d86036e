/**
 * Proof of secrecy: a finished rehearsal, then everything the operator's side keeps is searched for where a found device
 * is, for its code and for its owner: the prober's folder as it lies on disk, and every table of the centre and the public
 * edge dumped. (The embedded store keeps all compartments in one data folder, an ISP's among them, so tables are searched
 * one by one.) The needles are what the ISPs opened; that they opened any shows that there was something to find.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { makeCountry } from '../../src/rehearsal/country.ts';
import { linesIn } from '../../src/role/isp-contacts.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import type { Proof } from './proof.ts';
import { addressNeedles, codeNeedles, needlesOf, proveSealed } from './sealed.ts';

const ADDRESSES = 4_096;
const DEVICES = 60;

/** Every table of a compartment, each as one text. */
async function dump(db: Kysely<never>, schema: string): Promise<{ name: string; text: string }[]> {
  const tables = await sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = ${schema} order by 1`.execute(db);
  const texts: { name: string; text: string }[] = [];
  for (const { name } of tables.rows) {
    const rows = await sql`select * from ${sql.id(schema, name)}`.execute(db);
    texts.push({ name: `${schema}.${name}`, text: rows.rows.map(row => JSON.stringify(row)).join('\n') });
  }
  return texts;
}

async function secrets(store: Store, folder: string) {
  const opened = [];
  for (const isp of makeCountry(ADDRESSES)) {
    const rows = await store.isp(isp.id).selectFrom('case').select(['address', 'alert_code', 'subscriber']).execute();
    // The compartment has numbers; what must not be found anywhere is the line's own id.
    const lines = linesIn(join(folder, 'isp', isp.id, 'assignments'), undefined);
    opened.push(...rows.map(row => ({ ...row, subscriber: row.subscriber && lines.nameOf(row.subscriber) })));
  }
  return {
    addresses: new Set(opened.map(one => one.address)),
    codes: new Set(opened.map(one => one.alert_code)),
    subscribers: new Set(opened.flatMap(one => one.subscriber ?? [])),
  };
}

/** `size` times 60 devices, one month. */
export async function proveSealedRehearsal(size: number): Promise<Proof> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-sealed-'));
  try {
    const cli = fileURLToPath(new URL('../../src/cli/notice.js', import.meta.url));
    const args = [
      cli,
      'rehearse',
      '--once',
      '--json',
      '--folder',
      folder,
      '--addresses',
      String(ADDRESSES),
      '--devices',
      String(DEVICES * size),
      '--rounds',
      '1',
    ];
    const ran = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 280_000, maxBuffer: 1 << 26 });
    if (ran.status !== 0) throw new Error(`the rehearsal did not hold: ${ran.stderr}\n${ran.stdout}`);
    const store = await openStore({ dir: join(folder, '1', 'store') });
    try {
      const { addresses, codes, subscribers } = await secrets(store, join(folder, '1'));
      if (addresses.size === 0 || codes.size === 0 || subscribers.size === 0)
        return { proof: 'sealed', tried: 0, wrong: 0, missed: 1, ratio_found: 0 };
      const texts = [
        ...(await dump(store.centre() as unknown as Kysely<never>, 'centre')),
        ...(await dump(store.web() as unknown as Kysely<never>, 'web')),
      ];
      const { places, blind, ...proof } = proveSealed({ folders: [join(folder, '1', 'prober')], texts }, [
        ...addressNeedles(addresses),
        ...codeNeedles(codes),
        ...needlesOf('line', subscribers),
      ]);
      for (const line of [...places, ...blind]) process.stderr.write(`${line}\n`);
      return proof;
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
