/**
 * The country's postal service: takes each letter as it is printed and keeps it where its owner's letter box would be. The
 * ISP destroys its copy when the case closes; a letter in somebody's hands stays there.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

export interface Post {
  /** Takes what has been printed since; returns how many letters that were. */
  collect(): number;
  /** Letters delivered in all. */
  count(): number;
  readonly folderOf: (isp: string) => string;
}

const pdfs = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.pdf')) : [];

export function openPost(folder: string, isps: readonly string[], lettersOf: (isp: string) => string): Post {
  const folderOf = (isp: string) => join(folder, isp);
  for (const isp of isps) mkdirSync(folderOf(isp), { recursive: true, mode: 0o700 });
  return {
    folderOf,
    collect: () => {
      let taken = 0;
      for (const isp of isps) {
        const have = new Set(pdfs(folderOf(isp)));
        for (const name of pdfs(lettersOf(isp))) {
          if (have.has(name)) continue;
          const box = join(folderOf(isp), name);
          copyFileSync(join(lettersOf(isp), name), `${box}.part`);
          renameSync(`${box}.part`, box);
          taken++;
        }
      }
      return taken;
    },
    count: () => isps.reduce((sum, isp) => sum + pdfs(folderOf(isp)).length, 0),
  };
}
