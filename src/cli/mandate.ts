/** `notice mandate`: keys, trust, consents, a draft, its signatures, and what it would allow in plain words. */
import { Command } from 'commander';
import { checkCommand } from './mandate-check.ts';
import { keysCommand, trustCommand } from './mandate-keys.ts';
import { consentCommand, draftCommand, signCommand } from './mandate-paper.ts';

const STORY = `
The paper of a survey, in order (each command has its own --help):
  notice mandate keys keys --for operator       at the operator
  notice mandate keys keys --for authority      at the authority, on another machine
  notice mandate keys keys --for isp-a          at the ISP: one key to sign, one to be sealed to
  notice mandate trust --operator FILE --authority FILE --isp isp-a=FILE --within 192.0.2.0/24 --out trust.json
  notice mandate consent --isp isp-a --key FILE --sealing FILE --prefix 192.0.2.0/24:dynamic --out consents/isp-a.json
  notice mandate draft --isp isp-a=192.0.2.0/24 --catalogue catalogue.json --out mandate.json
  notice mandate sign mandate.json --key keys/operator.key.json --as operator
  notice mandate sign mandate.json --key keys/authority.key.json --as authority
  notice mandate check mandate.json
`;

export function mandateCommand(): Command {
  const command = new Command('mandate').description('Draft, sign and check the paper that allows a survey.');
  command.addCommand(keysCommand());
  command.addCommand(trustCommand());
  command.addCommand(consentCommand());
  command.addCommand(draftCommand());
  command.addCommand(signCommand());
  command.addCommand(checkCommand());
  return command.addHelpText('after', STORY);
}
