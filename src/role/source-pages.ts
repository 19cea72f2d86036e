/**
 * Serves what a source address says of itself, from each source of the mandate that this machine has. In: the paper's files, a
 * port. Out: where it listens. The mandate is read again once a minute at most, so that the page is the one in force.
 */
import { networkInterfaces } from 'node:os';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper, type PaperFiles } from '../mandate/paper.ts';
import { parseAddress, parsePrefix, prefixContains } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import { MINUTE } from '../record/instant.ts';
import { type MandateFacts, mandateFactsOf } from '../site/mandate-facts.ts';
import { makeSourcePage } from '../site/source-page.tsx';
import { type Listening, listen } from './listen.ts';

export interface SourcePages {
  readonly urls: readonly string[];
  /** Sources that are of other machines. */
  readonly elsewhere: readonly string[];
  close(): Promise<void>;
}

/** The addresses of this machine that lie in a source; all of 127.0.0.0/8 is its own. */
function localOf(source: string): string[] {
  const prefix = parsePrefix(source);
  if (!prefix) return [];
  if (source.startsWith('127.') && !source.includes('/')) return [source];
  return Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .map(one => one.address)
    .filter(text => {
      const address = parseAddress(text);
      return address !== undefined && prefixContains(prefix, address);
    });
}

/** Throws Fault when the paper does not hold, the port is taken, or none of the sources is here. */
export async function serveSourcePages(files: PaperFiles, clocks: Clocks, port: number): Promise<SourcePages> {
  const read = (): MandateFacts => {
    const paper = loadPaper(files);
    // Whoever may send nothing has nothing to say here: the same checks as before a sweep.
    compileGate(paper, clocks);
    const names = paper.consents.map(c => ({ ja: c.body.displayName, en: c.body.displayName }));
    return mandateFactsOf(paper.mandate.body, names);
  };
  let facts: MandateFacts | undefined = read();
  let readAt = clocks.monotonic();
  const mandate = (): MandateFacts | undefined => {
    const now = clocks.monotonic();
    if (now - readAt > MINUTE) {
      readAt = now;
      try {
        facts = read();
      } catch {
        facts = undefined;
      }
    }
    return facts && clocks.calendar() < Date.parse(facts.period.to) ? facts : undefined;
  };
  const here = [...new Set(facts.sources.flatMap(localOf))];
  if (here.length === 0)
    throw new Fault(
      'resource',
      `none of the mandate's sources (${facts.sources.join(', ')}) is an address of this machine`,
      'serve the page where the probes come from',
    );
  const originOf = (address: string): string =>
    `http://${address.includes(':') ? `[${address}]` : address}${port === 80 ? '' : `:${port}`}`;
  const up: Listening[] = [];
  try {
    for (const address of here)
      up.push(await listen(makeSourcePage({ mandate, origins: originsFrom(address) }), address, port));
  } catch (thrown) {
    await Promise.all(up.map(one => one.close()));
    throw thrown;
  }
  /** Its own origin first. */
  function originsFrom(address: string): string[] {
    return [address, ...here.filter(other => other !== address)].map(originOf);
  }
  return {
    urls: up.map(one => one.url),
    elsewhere: facts.sources.filter(source => localOf(source).length === 0),
    close: async () => {
      await Promise.all(up.map(one => one.close()));
    },
  };
}
