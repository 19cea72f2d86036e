/** Imports files one after the other until it is killed: `node assignment-import-child.ts DIR FILE...`. Says when it begins. */
import { importAssignments } from '../../src/isp/assignment/import.ts';

const [dir = '', ...files] = process.argv.slice(2);
process.stdout.write('begin\n');
for (const file of files) await importAssignments({ format: 'csv', files: [file], dir });
process.stdout.write('end\n');
