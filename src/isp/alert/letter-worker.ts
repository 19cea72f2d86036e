/**
 * The child process that sets letters with Typst: PDF/UA-1, only our own fonts, warnings are errors. In: {id, data} by IPC.
 * Out: {id, pdf} or {id, why}. It is recycled by its parent, because the compiler's caches grow.
 */
import { existsSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { errorOf } from '../../record/fault.ts';
import { readFonts } from './fonts.ts';

export interface LetterOrder {
  readonly id: number;
  readonly data: string;
  /** Seconds UTC; the only time in the file. */
  readonly at: number;
}
export type LetterAnswer = { readonly id: number } & ({ readonly pdf: Uint8Array } | { readonly why: string });

const PAGES = 2;
const NAME = 'letter.typ';

/** The template lies beside the source; a compiled worker finds it in the tree it was compiled from. */
function templateFile(): string {
  const beside = fileURLToPath(new URL(NAME, import.meta.url));
  if (existsSync(beside)) return beside;
  const parts = beside.split(sep);
  const built = parts.findLastIndex(part => part.startsWith('dist'));
  return parts.toSpliced(built, 1).join(sep);
}

const template = templateFile();
const { regular, bold, rare } = readFonts();
const compiler = NodeCompiler.create({
  workspace: dirname(template),
  fontArgs: [{ fontBlobs: [regular, bold, rare] }],
});

const said = (diagnostics: readonly { message?: string }[]) => diagnostics.map(d => d.message ?? String(d)).join('; ');

function print({ id, data, at }: LetterOrder): LetterAnswer {
  const compiled = compiler.compile({ mainFilePath: template, inputs: { data } });
  const error = compiled.takeError();
  if (error) return { id, why: said(error.shortDiagnostics) };
  const warning = compiled.takeWarnings();
  if (warning && warning.shortDiagnostics.length > 0) return { id, why: said(warning.shortDiagnostics) };
  const document = compiled.result;
  if (!document) return { id, why: 'nothing was set' };
  if (document.numOfPages !== PAGES)
    return { id, why: `the letter takes ${document.numOfPages} pages instead of ${PAGES}` };
  const pdf = compiler.pdf(document, { pdfStandard: 'ua-1', creationTimestamp: at });
  compiler.evictCache(2);
  return { id, pdf };
}

process.on('message', (order: LetterOrder) => {
  let answer: LetterAnswer;
  try {
    answer = print(order);
  } catch (thrown) {
    answer = { id: order.id, why: errorOf(thrown).message };
  }
  process.send?.(answer);
});
process.on('disconnect', () => process.exit(0));
