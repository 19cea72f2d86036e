/**
 * The ```console blocks of a Markdown page. In: its text. Out: steps in order, each a command as it stands after `$ `, the
 * exit code it must have (`# exit 3` at its end, else 0), and the output it must print. A command goes on while its lines
 * end in `\`, and to the end of a here-document. `…` in output stands for anything: a whole line of it for any lines.
 */

export interface Step {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly command: string;
  readonly exit: number;
  /** Empty when the page shows none: then only the exit code is held to. */
  readonly output: readonly string[];
}

const HERE = /<<-?\s*'?"?([A-Z]+)/;

/** Throws RangeError naming the line when a block does not begin with a command, or does not end. */
export function stepsOf(page: string): Step[] {
  const lines = page.split('\n');
  const steps: Step[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== '```console') continue;
    for (i++; lines[i] !== '```'; ) {
      const line = i + 1;
      const head = lines[i++];
      if (head === undefined) throw new RangeError(`line ${line}: the block does not end`);
      if (!head.startsWith('$ ')) throw new RangeError(`line ${line}: a block begins with "$ "`);
      const command = [head.slice(2)];
      while (command.at(-1)?.endsWith('\\')) command.push(lines[i++] ?? '');
      const here = HERE.exec(command.join('\n'))?.[1];
      if (here !== undefined) {
        do {
          if (lines[i] === undefined) throw new RangeError(`line ${line}: ${here} is missing`);
          command.push(lines[i++] ?? '');
        } while (command.at(-1) !== here);
      }
      const output: string[] = [];
      while (lines[i] !== '```' && lines[i] !== undefined && !lines[i]?.startsWith('$ ')) output.push(lines[i++] ?? '');
      const exit = /\s# exit (\d+)$/.exec(command.join('\n'));
      steps.push({ line, command: command.join('\n'), exit: Number(exit?.[1] ?? 0), output });
    }
  }
  return steps;
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether what was printed is what the page shows; spaces at line ends do not count. */
export function shows(output: readonly string[], printed: string): boolean {
  if (output.length === 0) return true;
  const pattern = output
    .map(line => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.trimEnd().split('…').map(literal).join('.*')}\n`))
    .join('');
  const text = printed.trimEnd().replace(/[ \t]+$/gm, '');
  return new RegExp(`^${pattern}$`).test(text === '' ? '' : `${text}\n`);
}
