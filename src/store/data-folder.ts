/**
 * The embedded engine's data folder. A folder half made does not survive a kill, so it is unpacked beside, and renamed
 * when it is whole; what an earlier try left beside is removed.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../record/fault.ts';
import { ensureTemplate } from './template.ts';
import { unpack } from './unpack.ts';

const BESIDE = 'data.making-';

/** `DIR/data`, made from the template when there is none. The caller holds the folder's lock. */
export async function ensureDataFolder(dir: string): Promise<{ readonly data: string; readonly fresh: boolean }> {
  const data = join(dir, 'data');
  for (const name of readdirSync(dir))
    if (name.startsWith(BESIDE)) rmSync(join(dir, name), { recursive: true, force: true });
  if (existsSync(data)) return { data, fresh: false };
  const template = await ensureTemplate();
  const beside = join(dir, `${BESIDE}${process.pid}`);
  try {
    unpack(readFileSync(template.file), beside);
    renameSync(beside, data);
  } catch (thrown) {
    rmSync(beside, { recursive: true, force: true });
    if ((thrown as { code?: string }).code?.startsWith('E')) throw fileFault(thrown, data);
    throw new Fault('resource', 'the database template is damaged', 'delete it; the next start builds it again', {
      where: template.file,
      cause: thrown,
    });
  }
  return { data, fresh: true };
}
