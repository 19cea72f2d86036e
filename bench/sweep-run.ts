/** One run of our sweep for the benchmark: driver, addresses of 127.64.0.0/12, ledger file. Port 9 connected, three ports dry. */
import { runSweep, type SweepDriver } from '../src/survey/sweep/sweep.ts';
import { loopbackGate } from '../test/fixtures/loopback-paper.ts';

const [driver = 'dry', addressesText = '4096', ledgerFile = ''] = process.argv.slice(2);
const addresses = Number(addressesText);
const ports = driver === 'dry' ? [23, 80, 8080] : [9];
const { gate, ranges } = loopbackGate({
  isps: { bench: [`127.64.0.0/${32 - Math.log2(addresses)}`] },
  ports,
  limits: {
    total: { perSecond: 1e9, burst: 1e8 },
    perIsp: { perSecond: 1e9, burst: 1e8 },
    per24: { perSecond: 1e9, burst: 1e8 },
  },
});
const result = await runSweep({
  gateTables: gate.tables,
  ranges,
  ports,
  key: new Uint8Array(32).fill(7),
  shardSize: 1 << 16,
  ledgerFile,
  driver: driver as SweepDriver,
  calendarOffsetMs: 0,
  onHit: () => {},
});
if (result.sent + result.excluded !== result.total) throw new Error('the sweep did not cover its space');
