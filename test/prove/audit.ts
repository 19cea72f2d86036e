/**
 * The proof of the audit log (invariant 10): real logs are spoilt at random (a byte, an entry rewritten with a hash of its
 * own, lines dropped, doubled, swapped, moved in from another log, tails cut) and every spoiling must be noticed, by the
 * log itself and its anchor; every untouched log must verify. `tried` counts spoilings and untouched logs, `missed` the
 * spoilings that passed, `wrong` the untouched logs that were refused; `ratio_found` is found of all spoilings.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAudit, verifyAudit } from '../../src/mandate/audit.ts';
import { type AuditEntry, entryText } from '../../src/mandate/audit-chain.ts';

export interface AuditProof {
  readonly proof: 'audit';
  readonly tried: number;
  readonly wrong: number;
  readonly missed: number;
  readonly ratio_found: number;
}

/** A small generator with a seed (xorshift32), so that a miss can be tried again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const put = (file: string, lines: readonly string[]): void => writeFileSync(file, lines.map(l => `${l}\n`).join(''));

interface Log {
  readonly file: string;
  readonly good: Buffer;
  readonly lines: readonly string[];
}

function writeLog(file: string, entries: number, random: (below: number) => number): Log {
  let at = Date.UTC(2026, 10, 20);
  const audit = openAudit(file, { calendar: () => at, monotonic: () => at });
  for (let n = 0; n < entries; n++, at += random(5_000)) {
    if (random(2)) audit.commit('attempt', { address: `127.64.0.${random(256)}`, ordinal: random(1_000) });
    else audit.append('sweep-shard', { shard: n, from: random(1_000_000), words: '掃引 é \\ "' });
    if (random(20) === 0) audit.root();
  }
  audit.close();
  const good = readFileSync(file);
  return { file, good, lines: good.toString('utf8').split('\n').slice(0, -1) };
}

/** Each spoils the file so that its bytes differ, or returns false when its dice changed nothing. */
const SPOILINGS: readonly ((log: Log, other: Log, random: (below: number) => number) => boolean)[] = [
  function byte({ file, good }, _, random) {
    const bad = Buffer.from(good);
    const at = random(bad.length);
    bad[at] = (bad[at] as number) ^ (1 + random(255));
    writeFileSync(file, bad);
    return true;
  },
  /** Rewritten by someone who knows the format: the entry has a fresh, right hash, only its place in the chain is wrong. */
  function rehashed({ file, lines }, _, random) {
    const n = random(lines.length);
    const { seq, at, type, prev } = JSON.parse(lines[n] as string) as AuditEntry;
    put(file, lines.toSpliced(n, 1, entryText(seq, at, type, '{"edited":true}', prev).line.trimEnd()));
    return true;
  },
  function drop({ file, lines }, _, random) {
    put(file, lines.toSpliced(random(lines.length), 1 + random(3)));
    return true;
  },
  function double({ file, lines }, _, random) {
    const n = random(lines.length);
    put(file, lines.toSpliced(random(lines.length + 1), 0, lines[n] as string));
    return true;
  },
  function swap({ file, lines }, _, random) {
    const [a, b] = [random(lines.length), random(lines.length)];
    if (a === b) return false;
    const swapped = [...lines];
    [swapped[a], swapped[b]] = [lines[b] as string, lines[a] as string];
    put(file, swapped);
    return true;
  },
  function foreign({ file, lines }, other, random) {
    const n = random(Math.min(lines.length, other.lines.length));
    put(file, lines.toSpliced(n, 1, other.lines[n] as string));
    return true;
  },
  function tailLines({ file, lines }, _, random) {
    put(file, lines.slice(0, random(lines.length)));
    return true;
  },
  function tailBytes({ file, good }, _, random) {
    writeFileSync(file, good.subarray(0, random(good.length)));
    return true;
  },
];

/** `size`: how many spoilings to try. */
export async function proveAudit(size: number): Promise<AuditProof> {
  const random = randomFrom(0x5eed);
  const dir = mkdtempSync(join(tmpdir(), 'notice-prove-audit-'));
  let [tried, wrong, missed, spoilt] = [0, 0, 0, 0];
  try {
    for (let log = 0; spoilt < size; log++) {
      const one = writeLog(join(dir, `${log}.log`), 2 + random(60), random);
      const other = writeLog(join(dir, `${log}.other.log`), 2 + random(60), random);
      for (let n = 0; n < 100 && spoilt < size; n++) {
        const spoil = SPOILINGS[random(SPOILINGS.length)] as (typeof SPOILINGS)[number];
        if (!spoil(one, other, random)) continue;
        spoilt++;
        tried++;
        if (verifyAudit(one.file).ok) missed++;
      }
      writeFileSync(one.file, one.good);
      tried++;
      if (!verifyAudit(one.file).ok) wrong++;
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return { proof: 'audit', tried, wrong, missed, ratio_found: spoilt === 0 ? 0 : (spoilt - missed) / spoilt };
}
