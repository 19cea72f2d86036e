/**
 * The passwords of the compartments' logins, random, in one file that only its owner reads; each process is given its
 * own login's. In the embedded store the file also says where the socket is.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Fault, fileFault } from '../record/fault.ts';
import type { LoginName } from './compartment.ts';

export interface Logins {
  readonly socketDir?: string;
  readonly passwords: Readonly<Partial<Record<LoginName, string>>>;
}

/** What the file holds; nothing when there is none. Throws Fault when it is not ours. */
export function readLogins(file: string): Logins {
  if (!existsSync(file)) return { passwords: {} };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  try {
    const read = JSON.parse(text) as Logins;
    if (typeof read.passwords === 'object' && read.passwords !== null) return read;
  } catch {
    // Falls through: anything but our own form is refused alike.
  }
  throw new Fault('input', 'is not a file of logins', 'delete it: new passwords are made at the next start', {
    where: file,
  });
}

/** Written beside and renamed, so that a kill leaves the old file or the new one. */
export function writeLogins(file: string, logins: Logins): void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

/** The file's logins with a password for each of `names`. */
export function withPasswords(logins: Logins, names: readonly LoginName[]): Logins {
  const passwords: Partial<Record<LoginName, string>> = { ...logins.passwords };
  for (const name of names) passwords[name] ??= randomBytes(24).toString('base64url');
  return { ...logins, passwords };
}
