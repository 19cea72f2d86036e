/** One sweep of ours for the benchmark, as sweep-ours.ts asks for it; prints its result as a JSON line. */
import { shardCount } from '../src/survey/round/shards.ts';
import { runSweep, type SweepDriver } from '../src/survey/sweep/sweep.ts';
import { loopbackGate } from '../test/fixtures/loopback-paper.ts';
import { NEAR } from '../test/real/veth-pair.ts';
import type { OurPart, OurResult } from './sweep-ours.ts';

const wish = JSON.parse(process.argv[2] ?? '') as OurPart;
const { workers = 1, part } = wish;
const unlimited = { perSecond: 1e9, burst: 1e8 };
const { gate, ranges, law } = loopbackGate({
  isps: { bench: wish.prefixes },
  ports: wish.ports,
  sources: ['127.0.0.1', NEAR.address],
  limits: { total: unlimited, perIsp: unlimited, per24: unlimited },
});
const total = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0) * wish.ports.length;
const shardSize = total < 1 << 20 ? 1 << 14 : 1 << 18;
const all = shardCount({ total, shardSize });
let hits = 0;
const result = await runSweep({
  gateTables: gate.tables,
  law,
  ranges,
  ports: wish.ports,
  key: new Uint8Array(32).fill(7),
  shardSize,
  ledgerFile: wish.ledgerFile,
  driver: wish.driver as SweepDriver,
  calendarOffsetMs: 0,
  shards: Array.from({ length: all }, (_, shard) => shard).filter(shard => shard % workers === part),
  onHit: () => {
    hits++;
  },
  bypass: wish.bypass ?? false,
});
if (result.sent + result.excluded !== result.total) throw new Error('the sweep did not cover its space');
const { sent, excluded, answered, driver } = result;
const line: OurResult = {
  ...{ total: result.total, sent, excluded, answered, hits, driver },
  megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stdout.write(`${JSON.stringify(line)}\n`);
