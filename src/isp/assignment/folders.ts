/**
 * How events become holds, by what a format says it `folds`. Holds that stand in the log as they are ('held') need no folder.
 * In: the state an earlier import saved, or nothing. Out: a folder that goes on from there.
 */

import { makeLeaseFolder } from './dhcp/fold.ts';
import type { Folder, Format } from './event.ts';
import { makeNatFolder } from './nat/fold.ts';
import { makeSessionFolder } from './sessions/fold.ts';

export const FOLDERS: Readonly<Partial<Record<Format['folds'], (saved?: unknown) => Folder>>> = {
  blocks: makeNatFolder,
  leases: makeLeaseFolder,
  sessions: makeSessionFolder,
};
