/** A worker that asks a gate over and over, posts its first allowed answer, and then its first refusal. */
import { parentPort, workerData } from 'node:worker_threads';
import type { GateTables } from '../../src/mandate/authority.ts';
import { gateFromTables } from '../../src/mandate/gate.ts';

const { tables, address } = workerData as { tables: GateTables; address: number };
const clocks = { calendar: Date.now, monotonic: () => performance.now() };
const gate = gateFromTables(tables, clocks);
let allowed = false;
for (const begun = performance.now(); performance.now() - begun < 4_000; ) {
  const refusal = gate.refuses(address, 23, 'sweep');
  if (refusal === undefined && !allowed) {
    allowed = true;
    parentPort?.postMessage('allowed');
  }
  if (refusal !== undefined) {
    parentPort?.postMessage(refusal);
    break;
  }
}
