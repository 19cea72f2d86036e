/** The table of personalities, as it stands in the README beside. Pure. */
import { idOf, type Personality, type Right } from './device.ts';

const said = ({ verdicts }: Right): string => verdicts.join(', ');

export const tableOf = (all: readonly Personality[]): string =>
  [
    '| device | manner | kind | with a wrong pair | with the right pair |',
    '|---|---|---|---|---|',
    ...all.map(one => `| ${idOf(one)} | ${one.title} | ${one.nature} | ${said(one.wrong)} | ${said(one.right)} |`),
  ].join('\n');
