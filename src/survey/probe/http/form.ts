/**
 * Finds the one login form of a page, where there is one that can be sent as it stands: POST to the target, one password,
 * at most one field for a name, a button, no script in between, and words of a login. A form that sets a password, or
 * that only a script can send, is none. In: the page. Out: path and fields, or undefined; a doubt is undefined.
 */
import type { FormField, LoginForm } from './fields.ts';
import { type Tag, walk } from './markup.ts';

interface Draft {
  readonly action: string;
  readonly fields: FormField[];
  /** Fields somebody could type a name into. */
  readonly texts: string[];
  /** Everything a reader would see, and the names of fields. */
  words: string;
  passwords: number;
  buttons: number;
  fit: boolean;
}

const MOST_FIELDS = 32;
const MOST_WORDS = 4 * 1024;
const MOST_VALUE = 2 * 1024;

const ja = (...hex: readonly string[]) => hex.map(bytes => Buffer.from(bytes, 'hex').toString('latin1').toLowerCase());
/** In UTF-8, Shift_JIS and EUC-JP, as bytes in lower case. */
const LOGIN_JA = ja(
  'e383ade382b0e382a4e383b3', // ログイン
  '838d834f83438393',
  'a5eda5b0a5a4a5f3',
  'e8aa8de8a8bc', // 認証
  '94468fd8',
  'c7a7beda',
  'e382b5e382a4e383b3e382a4e383b3', // サインイン
  '83548343839383438393',
  'a5b5a5a4a5f3a5a4a5f3',
);
const SETS_JA = ja(
  'e696b0e38197e38184', // 新しい
  '905682b582a2',
  'bfb7a4b7a4a4',
  'e696b0e8a68f', // 新規
  '90568b4b',
  'bfb7b5ac',
  'e5a489e69bb4', // 変更
  '95cf8d58',
  'cad1b9b9',
  'e5889de69c9f', // 初期
  '8f898afa',
  'bde9b4fc',
  'e7a2bae8aa8de794a8', // 確認用
  '8a6d94469770',
  'b3cec7a7cdd1',
  'e799bbe98cb2', // 登録
  '936f985e',
  'c5d0cfbf',
);
const LOGIN = /log ?-?_?in\b|log ?-?_?on\b|sign ?-?_?in\b|authenticat|\blogin|\blogon/;
/** A new password, an account, a first set-up: such a form would change the device. */
const SETS =
  /\bnew\b|confirm|retype|repeat|re-?enter|chang|creat|regist|sign ?up|set ?up|\bset (a|the|your)\b|initial|first[ -]time|wizard|newpass|new_?p/;
const NAME_LIKE = /user|login|logon|name|account|\bid\b|\buid|mail/;

/** A script on the page makes something else of the password. */
const SCRAMBLES = /md5|sha-?(?:1|2|3|5)|encrypt|base64|btoa|pbkdf|cryptojs/i;

const any = (words: readonly string[], text: string) => words.some(word => text.includes(word));

/** Whether the page asks for a password anywhere: such a page is not what lies behind one. */
export function asksPassword(page: string): boolean {
  if (!/password/i.test(page)) return false;
  let found = false;
  walk(page, (_, tag) => {
    found ||= tag?.name === 'input' && tag.attributes.get('type')?.toLowerCase() === 'password';
    return found;
  });
  return found;
}

function addInput(draft: Draft, { name: kind, attributes }: Tag): void {
  const name = attributes.get('name') ?? '';
  const value = attributes.get('value') ?? '';
  const type = (attributes.get('type') ?? (kind === 'button' ? 'submit' : 'text')).toLowerCase();
  draft.words += ` ${name} ${attributes.get('placeholder') ?? ''}`;
  if (attributes.has('disabled') || type === 'reset') return;
  if (type === 'button') return;
  if (type === 'submit' || type === 'image') {
    draft.words += ` ${value}`;
    draft.buttons++;
    if (attributes.has('onclick') || attributes.has('formaction')) draft.fit = false;
    // Of several buttons the first one is pressed.
    if (draft.buttons === 1 && name !== '' && type === 'submit') draft.fields.push({ name, value, is: 'given' });
    return;
  }
  if (type === 'file') draft.fit = false;
  if ((type === 'checkbox' || type === 'radio') && !attributes.has('checked')) return;
  if (name.length > 128 || value.length > MOST_VALUE || draft.fields.length >= MOST_FIELDS) draft.fit = false;
  if (type === 'password') {
    draft.passwords++;
    if (name === '' || attributes.get('autocomplete')?.toLowerCase() === 'new-password') draft.fit = false;
    draft.fields.push({ name, value: '', is: 'password' });
    return;
  }
  if (name === '') return;
  if (type === 'text' || type === 'email' || type === 'tel' || type === 'search') draft.texts.push(name);
  draft.fields.push({ name, value: type === 'checkbox' || type === 'radio' ? value || 'on' : value, is: 'given' });
}

/** Which of the text fields takes the name: the only one, or the only one that says so. Undefined when in doubt. */
function userOf(texts: readonly string[]): string | null | undefined {
  if (texts.length <= 1) return texts[0] ?? null;
  const named = texts.filter(name => NAME_LIKE.test(name.toLowerCase()));
  return named.length === 1 ? named[0] : undefined;
}

/** `place` resolves the action to a path of the target that may be asked, or undefined. */
export function loginFormOf(page: string, place: (action: string) => string | undefined): LoginForm | undefined {
  if (!/password/i.test(page) || SCRAMBLES.test(page)) return undefined;
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  let title = '';
  let stray = 0;
  walk(page, (text, tag) => {
    if (tag?.name === '/title') title = text.slice(0, 256);
    if (open && open.words.length < MOST_WORDS) open.words += ` ${text.slice(0, MOST_WORDS)}`;
    if (!tag) return true;
    const { name, attributes } = tag;
    if (name === 'form') {
      const method = attributes.get('method')?.toLowerCase();
      const coding = attributes.get('enctype')?.toLowerCase() ?? 'application/x-www-form-urlencoded';
      open = {
        action: attributes.get('action') ?? '',
        fields: [],
        texts: [],
        words: ` ${attributes.get('name') ?? ''} ${attributes.get('id') ?? ''}`,
        passwords: 0,
        buttons: 0,
        // A form with a handler is only its script's raw material: the password may be hashed on the way.
        fit: method === 'post' && coding === 'application/x-www-form-urlencoded' && !attributes.has('onsubmit'),
      };
      drafts.push(open);
    } else if (name === '/form') open = undefined;
    else if (name === 'input' || name === 'button') {
      if (open) addInput(open, tag);
      else if (attributes.get('type')?.toLowerCase() === 'password') stray++;
    } else if (name === 'select' && open) open.fit &&= !attributes.has('name');
    return drafts.length > 8;
  });
  const asking = drafts.filter(draft => draft.passwords > 0);
  const [draft] = asking;
  if (!draft || asking.length > 1 || stray > 0 || drafts.length > 8) return undefined;
  if (!draft.fit || draft.passwords !== 1 || draft.buttons === 0) return undefined;
  const words = `${title} ${draft.words} ${draft.action}`.toLowerCase();
  if (!(LOGIN.test(words) || any(LOGIN_JA, words)) || SETS.test(words) || any(SETS_JA, words)) return undefined;
  const user = userOf(draft.texts);
  const path = place(draft.action);
  if (user === undefined || path === undefined) return undefined;
  const fields = draft.fields.map(field =>
    field.name === user && field.is === 'given' ? { ...field, is: 'user' as const } : field,
  );
  if (fields.filter(({ is }) => is === 'user').length > 1) return undefined;
  return { path, fields };
}
