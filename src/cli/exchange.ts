/** `notice exchange`: seal rows into a bundle, open one, send feedback. The same code as the roles run, by hand. */
import { Command } from 'commander';
import { feedbackCommand } from './exchange-feedback.ts';
import { openCommand } from './exchange-open.ts';
import { sealCommand } from './exchange-seal.ts';

export function exchangeCommand(): Command {
  const command = new Command('exchange').description('Seal, open and answer the bundles that go to an ISP.');
  command.addCommand(sealCommand());
  command.addCommand(openCommand());
  command.addCommand(feedbackCommand());
  return command.addHelpText(
    'after',
    `
Example:
  notice exchange seal --isp isp-a --rows rows.ndjson --to isp-a.sealing.pub.json --key centre.key.json > bundle.jose
  notice exchange open bundle.jose --key isp-a.sealing.key.json --trust centre.pub.json
`,
  );
}
