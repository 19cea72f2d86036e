/** The options that name the legal paper, the same for every command that may send something. */
import type { Command } from 'commander';
import type { PaperFiles } from '../mandate/paper.ts';

export interface PaperOptions {
  readonly mandate: string;
  readonly trust?: string;
  readonly consents?: string;
  readonly exclusions?: string;
  readonly catalogue?: string;
}

export function paperOptions(command: Command): Command {
  return command
    .requiredOption('--mandate <FILE>', 'the signed mandate; the other papers are looked for beside it')
    .option('--trust <FILE>', 'who may sign (default: trust.json beside the mandate)')
    .option('--consents <DIR>', "the ISPs' signed lists (default: consents/ beside the mandate)")
    .option('--exclusions <FILE>', 'addresses never to be probed (default: exclusions.txt beside the mandate)')
    .option('--catalogue <FILE>', 'the catalogue of guessable passwords (default: catalogue.json beside the mandate)');
}

export const paperFiles = (o: PaperOptions): PaperFiles => ({
  mandate: o.mandate,
  ...(o.trust === undefined ? {} : { trust: o.trust }),
  ...(o.consents === undefined ? {} : { consents: o.consents }),
  ...(o.exclusions === undefined ? {} : { exclusions: o.exclusions }),
  ...(o.catalogue === undefined ? {} : { catalogue: o.catalogue }),
});
