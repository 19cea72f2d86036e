/** The documents a reader is given. In: the project's root. Out: their paths, the guide in the order its index lists it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LINK = /!?\[[^\]]*\]\(([^)\s]+)\)/g;

/** Targets of links and pictures in Markdown, without those in code. */
export const linksOf = (page: string): string[] =>
  [...page.replace(/^```[\s\S]*?^```$/gm, '').matchAll(LINK)].map(match => match[1] ?? '');

export const INDEX = 'docs/guide/README.md';

/** Pages of the guide after the index, as the index orders them; a page it does not name comes last. */
export function guidePages(root: string): string[] {
  const named = linksOf(readFileSync(join(root, INDEX), 'utf8'))
    .filter(link => /^[\w-]+\.md$/.test(link))
    .map(link => `docs/guide/${link}`);
  const all = globSync('docs/guide/*.md', { cwd: root })
    .filter(page => page !== INDEX)
    .sort();
  return [...new Set([...named, ...all])];
}

/** Everything written for readers: the guide, the decisions, and what lies at the root. */
export const documents = (root: string): string[] => [
  ...globSync('*.md', { cwd: root }).sort(),
  INDEX,
  ...guidePages(root),
  ...globSync('docs/decisions/*.md', { cwd: root }).sort(),
  ...globSync('src/**/README.md', { cwd: root }).sort(),
];
