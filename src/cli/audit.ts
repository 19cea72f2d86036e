/** `notice audit verify`: does an audit log hold? Exit 0 when it does, 3 with the first line that does not. */
import { Command } from 'commander';
import { verifyAudit } from '../mandate/audit.ts';
import { Fault } from '../record/fault.ts';
import { say } from './say.ts';

interface VerifyFlags {
  readonly root?: string;
  readonly entries?: string;
  readonly json?: boolean;
}

function keptRoot(flags: VerifyFlags): { root: string; entries: number }[] {
  if (flags.root === undefined && flags.entries === undefined) return [];
  const entries = Number(flags.entries);
  if (!/^[0-9a-f]{64}$/.test(flags.root ?? '') || !Number.isSafeInteger(entries) || entries < 0)
    throw new Fault(
      'usage',
      'a root is 64 hex digits and goes with its entries',
      'give --root HEX --entries N together',
    );
  return [{ root: flags.root as string, entries }];
}

export function auditCommand(): Command {
  const command = new Command('audit').description('Verify an audit log.');
  command
    .command('verify')
    .description('Check every entry, the chain, the anchor beside the log, and salts that are still kept.')
    .argument('<file>', 'the log; FILE.anchor must be beside it')
    .option('--root <hex>', 'a root that was published or handed over, to check the log against')
    .option('--entries <n>', 'how many entries the log had then')
    .option('--json', 'one JSON line')
    .addHelpText('after', '\nExample:\n  notice audit verify prober/audit.log\n')
    .action((file: string, flags: VerifyFlags) => {
      const verdict = verifyAudit(file, keptRoot(flags));
      const { firstBad } = verdict;
      if (flags.json) say(true, { ...verdict }, []);
      if (firstBad)
        throw new Fault('audit', firstBad.why, 'keep the files as they are and tell the auditor', {
          where: `${file}:${firstBad.line}`,
        });
      if (!flags.json)
        say(false, {}, [
          `${file} holds: ${verdict.entries.toLocaleString('en')} entries, ${verdict.opened.toLocaleString('en')} commitments opened`,
          `root ${verdict.root}`,
        ]);
    });
  return command.addHelpText('after', '\nExample:\n  notice audit verify prober/audit.log\n');
}
