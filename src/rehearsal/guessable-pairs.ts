/**
 * The dozen pairs that guessable rehearsal devices are set to, and from which the rehearsal's catalogue is made. Each
 * breaks the length rule of the ordinance at least; none is taken from a real maker's manual.
 */
export interface Pair {
  readonly user: string;
  readonly password: string;
}

export const GUESSABLE_PAIRS: readonly Pair[] = [
  { user: 'admin', password: 'admin' },
  { user: 'admin', password: 'password' },
  { user: 'admin', password: '1234' },
  { user: 'admin', password: '12345' },
  { user: 'admin', password: '123456' },
  { user: 'root', password: 'root' },
  { user: 'root', password: 'admin' },
  { user: 'root', password: '123456' },
  { user: 'root', password: '12345' },
  { user: 'user', password: 'user' },
  { user: 'guest', password: 'guest' },
  { user: 'admin', password: '' },
];
