/** Opens the store a centre was told to use: a PostgreSQL where DATABASE_URL names one, else the embedded one in a folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../record/fault.ts';
import { openStore, type Store } from '../store/open.ts';

export function openCentreStore(folder: string, options: { readonly mustExist?: boolean } = {}): Promise<Store> {
  const url = process.env.DATABASE_URL;
  if (url) return openStore({ url, secretsFile: join(folder, 'logins.json') });
  if (options.mustExist && !existsSync(folder))
    throw new Fault('input', 'there is no store here', "name the centre's folder", { where: folder });
  return openStore({ dir: folder });
}
