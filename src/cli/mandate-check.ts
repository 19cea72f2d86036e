/** `notice mandate check`: what a mandate would and would not allow. Exit 0 when it holds, 3 with one line when refused. */
import { Command } from 'commander';
import { explain, explainWords } from '../mandate/explain.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper } from '../mandate/paper.ts';
import { instantArgument } from './mandate-paper.ts';
import type { PaperOptions } from './paper-options.ts';
import { recallFor, recallWords } from './recall-words.ts';
import { say } from './say.ts';

type CheckFlags = Omit<PaperOptions, 'mandate'> & {
  readonly at?: string;
  readonly population?: string;
  readonly json?: boolean;
};

export function checkCommand(): Command {
  return new Command('check')
    .description('Say in plain words what a mandate would and would not allow. Sends nothing.')
    .argument('<file>', 'the mandate; the other papers are looked for beside it')
    .option('--trust <file>', 'who may sign (default: trust.json beside the mandate)')
    .option('--consents <dir>', "the ISPs' signed lists (default: consents/ beside the mandate)")
    .option('--exclusions <file>', 'addresses never to be probed (default: exclusions.txt beside the mandate)')
    .option('--catalogue <file>', 'the catalogue of guessable passwords (default: catalogue.json beside the mandate)')
    .option('--at <instant>', 'as if it were then (default: now)')
    .option('--population <file>', 'weights of devices and their pairs to simulate (default: the rehearsal’s)')
    .option('--json', 'one JSON line')
    .addHelpText('after', '\nExample:\n  notice mandate check mandate.json --at 2026-12-01T00:00:00Z\n')
    .action((file: string, flags: CheckFlags) => {
      const at = instantArgument(flags.at);
      const { trust, consents, exclusions, catalogue } = flags;
      const paper = loadPaper({ mandate: file, trust, consents, exclusions, catalogue });
      const gate = compileGate(paper, { calendar: () => at, monotonic: () => 0 }, true);
      const explained = explain(paper, gate, at);
      const recall = recallFor(paper, flags.population);
      const figures = typeof recall === 'string' ? null : recall;
      say(flags.json, { valid: true, ...explained, recall: figures }, [
        ...explainWords(explained),
        ...recallWords(recall),
      ]);
    });
}
