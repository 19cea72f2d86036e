/**
 * Every error the product can end with, in one list: exit code, meaning, remedy. Expected outcomes (refused, time-out,
 * lockout, ambiguous) are values and are not here; these are what stops a command.
 */
export const EXIT = { done: 0, usage: 2, refused: 3, input: 4, dependency: 5 } as const;

export const FAULTS = {
  usage: { exit: EXIT.usage, meaning: 'the command line is wrong' },
  'mandate-refused': { exit: EXIT.refused, meaning: 'the mandate does not allow this' },
  'mandate-unreadable': { exit: EXIT.refused, meaning: 'the mandate, or a file it needs, is missing or malformed' },
  signature: { exit: EXIT.refused, meaning: 'a signature is missing or does not verify' },
  consent: { exit: EXIT.refused, meaning: 'a consent is missing, expired, overlapping or badly signed' },
  exclusions: { exit: EXIT.refused, meaning: 'the exclusions cannot be read, so nothing may be sent' },
  catalogue: { exit: EXIT.refused, meaning: 'the catalogue is not the one the mandate names' },
  clock: { exit: EXIT.refused, meaning: 'the calendar jumped against the monotonic clock' },
  audit: { exit: EXIT.refused, meaning: 'the audit log cannot be written or does not verify' },
  input: { exit: EXIT.input, meaning: 'a record in a file is malformed' },
  'port-taken': { exit: EXIT.dependency, meaning: 'a port is in use by another program' },
  'no-space': { exit: EXIT.dependency, meaning: 'the disk is full or the folder cannot be written' },
  database: { exit: EXIT.dependency, meaning: 'the database does not answer' },
  locked: { exit: EXIT.dependency, meaning: 'another process works on this folder' },
  resource: { exit: EXIT.dependency, meaning: 'this machine lacks something that is needed' },
  exchange: { exit: EXIT.dependency, meaning: 'the exchange does not answer, or answers what does not verify' },
} as const;

export type FaultCode = keyof typeof FAULTS;

/** One line that says what happened and what to do; `where` is `file` or `file:line`. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly exit: number;
  constructor(code: FaultCode, what: string, remedy: string, options?: { where?: string; cause?: unknown }) {
    super(`${options?.where ? `${options.where}: ` : ''}${what}; ${remedy}`, { cause: options?.cause });
    this.code = code;
    this.exit = FAULTS[code].exit;
  }
}

/** Coerces anything thrown into an Error, keeping it as the cause. For process edges only. */
export const errorOf = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

/** The system's word for why a file operation failed, as a fault an operator can act on. */
export function fileFault(thrown: unknown, file: string): Fault {
  const code = (thrown as { code?: string }).code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('no-space', 'no space left', 'free some space and start again; what was written is kept', {
      where: file,
      cause: thrown,
    });
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return new Fault('no-space', 'may not be written or read', 'give this user the right to it', {
      where: file,
      cause: thrown,
    });
  return new Fault('input', `cannot be read (${code ?? errorOf(thrown).message})`, 'name a file that exists', {
    where: file,
    cause: thrown,
  });
}
