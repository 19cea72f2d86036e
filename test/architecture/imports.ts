/** Reads every import below a source folder and holds it against the table. Input: a folder. Output: breaches in words. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { MAY_IMPORT, MAY_OPEN, REHEARSES } from './table.ts';

export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** `import type` is erased: it opens nothing and starts nothing. */
  readonly typeOnly: boolean;
}

export interface Reading {
  readonly files: readonly string[];
  readonly imports: readonly Import[];
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|(?<![\w.])import\(\s*['"]([^'"]+)['"]\s*\)/g;

const isSource = (name: string) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name);

export function readImports(root: string): Reading {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isSource).sort();
  const imports = files.flatMap(from =>
    [...readFileSync(join(root, from), 'utf8').matchAll(IMPORT)].map(match => ({
      from,
      specifier: (match[2] ?? match[3]) as string,
      typeOnly: match[1] !== undefined,
    })),
  );
  return { files, imports };
}

const folderOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter(folder => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];

const resolveOurs = (edge: Import): string | undefined =>
  edge.specifier.startsWith('.') ? normalize(join(dirname(edge.from), edge.specifier)) : undefined;

function mayImport(from: string, to: string, file: string): boolean {
  if (from === to) return true;
  const allowed = MAY_IMPORT[from] ?? [];
  if (to === 'rehearsal') return from === 'rehearsal' || file === REHEARSES;
  if (allowed.includes(`!${to}`)) return false;
  return allowed.includes('*') || allowed.includes(to);
}

/** Every breach of the table, every cycle, and every way this reading could be blind. */
export function breaches(root: string): string[] {
  const { files, imports } = readImports(root);
  const found: string[] = [];
  const known = new Set(files);
  const edges = new Map<string, string[]>();
  for (const edge of imports) {
    const target = resolveOurs(edge);
    if (target === undefined) {
      const mayOpen = MAY_OPEN[edge.specifier];
      if (
        mayOpen &&
        !edge.typeOnly &&
        !mayOpen.some(place => (place.endsWith('/') ? edge.from.startsWith(place) : edge.from === place))
      )
        found.push(
          `${edge.from} imports ${edge.specifier}, which opens sockets; only ${mayOpen.join(', ') || 'nobody'} may`,
        );
      continue;
    }
    if (target.startsWith('..')) {
      found.push(`${edge.from} imports ${edge.specifier}, outside the source folder`);
      continue;
    }
    if (!known.has(target)) {
      found.push(`${edge.from} imports ${edge.specifier}, which is no file`);
      continue;
    }
    const [from, to] = [folderOf(edge.from), folderOf(target)];
    if (from === undefined || to === undefined) found.push(`${edge.from} or ${target} lies in no folder of the table`);
    else if (!mayImport(from, to, edge.from)) found.push(`${edge.from} (${from}) may not import ${target} (${to})`);
    if (!edge.typeOnly) edges.set(edge.from, [...(edges.get(edge.from) ?? []), target]);
  }
  for (const file of files) if (folderOf(file) === undefined) found.push(`${file} lies in no folder of the table`);
  return [...found, ...cycles(files, edges)];
}

function cycles(files: readonly string[], edges: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  return found;
}

/** Files reachable from a role's entry by imports that are not erased, so that a process can be shown to lack a folder. */
export function reachable(root: string, entry: string): string[] {
  const { imports } = readImports(root);
  const seen = new Set([entry]);
  for (const file of seen)
    for (const edge of imports) {
      const target = edge.from === file && !edge.typeOnly ? resolveOurs(edge) : undefined;
      if (target) seen.add(target);
    }
  return [...seen].map(file => relative('.', file)).sort();
}
