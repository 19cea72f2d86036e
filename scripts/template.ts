/** After the compiler: builds the embedded store's template into dist/, when it is missing or its migrations changed. */
import { ensureTemplate } from '../src/store/template.ts';

const template = await ensureTemplate();
if (template.built) process.stderr.write(`template: built ${template.file}\n`);
