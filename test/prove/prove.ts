/**
 * `npm run prove -- NAME [SIZE]`: one proof of an invariant, as a JSON line. Exit 0 only when nothing is wrong, and no more missed
 * than the proof itself allows, which is nothing unless it says so.
 */
import type { Proof } from './proof.ts';

/** Size by default is what finishes in about a minute on two cores. */
const PROOFS: Readonly<Record<string, { size: number; run: (size: number) => Promise<Proof> | Proof }>> = {
  gate: { size: 65_536, run: async size => (await import('./gate.ts')).proveGate(size) },
  sealed: { size: 1, run: async size => (await import('./sealed-rehearsal.ts')).proveSealedRehearsal(size) },
  'odd-devices': { size: 50, run: async size => (await import('./odd-devices.ts')).proveOddDevices(size) },
  audit: { size: 2_000, run: async size => (await import('./audit.ts')).proveAudit(size) },
  assignment: { size: 10_000_000, run: async size => (await import('./assignment.ts')).proveAssignment(size) },
};

const [name = '', size] = process.argv.slice(2);
const proof = Object.hasOwn(PROOFS, name) ? PROOFS[name] : undefined;
if (!proof || (size !== undefined && !/^\d+$/.test(size))) {
  process.stderr.write(
    `usage: npm run prove -- NAME [SIZE], where NAME is one of: ${Object.keys(PROOFS).join(', ')}\n`,
  );
  process.exit(2);
}
const line = await proof.run(size === undefined ? proof.size : Number(size));
process.stdout.write(`${JSON.stringify(line)}\n`);
const enough = line.least_ratio === undefined ? line.missed === 0 : line.ratio_found >= line.least_ratio;
process.exit(line.wrong === 0 && enough ? 0 : 1);
