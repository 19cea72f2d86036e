/** What an HTTP conversation is told at its beginning, and what it leaves to the next one with the same service. */
import type { Challenge } from './auth.ts';
import type { LoginForm } from './fields.ts';
import type { Stays } from './head.ts';
import type { FormPage } from './judge.ts';
import type { HttpVoice } from './request.ts';

/** A form, and what belongs to it. */
interface FormSeen {
  readonly form: LoginForm;
  readonly page: FormPage;
  readonly cookie: string;
}

/** What the next conversation with this service starts from. */
export interface HttpMemory {
  /** Where the login is. */
  readonly path: string;
  readonly stays: Stays;
  readonly challenge: Challenge | undefined;
  readonly seen: FormSeen | undefined;
  readonly server: string | undefined;
  readonly title: string | undefined;
}

export interface HttpOptions {
  readonly voice: HttpVoice;
  readonly settleMs: number;
  /** A path that cannot exist, and the client nonce of Digest: 16 hex digits behind a slash. */
  readonly nowhere: string;
  readonly forms: boolean;
  /** Asked before a path or a form of the target's choosing is used. */
  readonly mayFollow: (path: string) => boolean;
  readonly mayFill: (form: LoginForm, cookie: string) => boolean;
  readonly memory?: HttpMemory;
}
