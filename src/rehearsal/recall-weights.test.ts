/** The weights that recall is computed from are those of the rehearsal's own population. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPopulation, type SimulatedService } from '../survey/credential/recall-population.ts';
import { MODELS } from './models.ts';
import { protocolOfRole } from './personality.ts';
import { makePopulation } from './population.ts';
import { makeRandom } from './random.ts';

const FILE = fileURLToPath(new URL('../survey/credential/recall-weights.json', import.meta.url));
const DEVICES = 60_000;

test('a large population has the shares that recall-weights.json says', () => {
  const { services } = readPopulation(readFileSync(FILE, 'utf8'), FILE);
  const key = ({ vendor, protocol }: Pick<SimulatedService, 'vendor' | 'protocol'>, user: string, password: string) =>
    [vendor, protocol, user, password].join('|');
  const said = new Map<string, number>();
  for (const service of services)
    for (const { user, password, share } of service.pairs) {
      const at = key(service, user, password);
      said.set(at, (said.get(at) ?? 0) + service.share * share);
    }
  const weak = makePopulation(DEVICES, makeRandom('recall')).filter(({ condition }) => condition.guessable);
  const seen = new Map<string, number>();
  for (const { model, services: all, condition } of weak) {
    const { user, password } = condition.pair ?? assert.fail('a guessable device has a pair');
    const protocol = protocolOfRole(all[0]?.role ?? 'http');
    const at = key({ vendor: MODELS[model].vendor, protocol }, user, password);
    seen.set(at, (seen.get(at) ?? 0) + 1 / weak.length);
  }
  for (const at of new Set([...said.keys(), ...seen.keys()])) {
    const [expected, found] = [said.get(at) ?? 0, seen.get(at) ?? 0];
    // Five standard deviations of a share among so many.
    const slack = 5 * Math.sqrt(Math.max(expected, 1e-4) / weak.length);
    assert.ok(Math.abs(found - expected) <= slack, `${at}: the file says ${expected}, the population has ${found}`);
  }
});
