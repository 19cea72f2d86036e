/**
 * The words devices use, as lower-case byte strings. Japanese ones stand three times, in UTF-8, Shift_JIS and EUC-JP,
 * because a device does not say which it speaks; comparing bytes needs no guess.
 */
import { lower } from './screen.ts';

const bytes = (...hex: readonly string[]) => hex.map(h => lower(Buffer.from(h, 'hex').toString('latin1')));

const PASSWORD_JA = bytes(
  'e38391e382b9e383afe383bce38389', // パスワード
  '83708358838f815b8368',
  'a5d1a5b9a5efa1bca5c9',
  'e69a97e8a8bce795aae58fb7', // 暗証番号
  '88c38fd894d48d86',
  'b0c5bedac8d6b9e6',
);
const USER_JA = bytes(
  'e383ade382b0e382a4e383b3', // ログイン
  '838d834f83438393',
  'a5eda5b0a5a4a5f3',
  'e383a6e383bce382b6', // ユーザ
  '8386815b8355',
  'a5e6a1bca5b6',
  'e382a2e382abe382a6e383b3e38388', // アカウント
  '8341834a834583938367',
  'a5a2a5aba5a6a5f3a5c8',
  'e588a9e794a8e88085', // 利用者
  '979897708ed2',
  'cdf8cdd1bcd4',
);
const REJECT_JA = bytes(
  'e5a4b1e69597', // 失敗
  '8eb89473',
  'bcbac7d4',
  'e6ada3e38197e3818fe38182e3828ae381bee3819be38293', // 正しくありません
  '90b382b582ad82a082e882dc82b982f1',
  'c0b5a4b7a4afa4a2a4eaa4dea4bba4f3',
  'e98195e38184e381bee38199', // 違います
  '88e182a282dc82b7',
  'b0e3a4a4a4dea4b9',
  'e8aaa4e3828a', // 誤り
  '8ceb82e8',
  'b8eda4ea',
  'e68b92e590a6', // 拒否
  '8b9194db',
  'b5f1c8dd',
  'e784a1e58ab9', // 無効
  '96b38cf8',
  'ccb5b8fa',
);
const LOCKOUT_JA = bytes(
  'e383ade38383e382af', // ロック
  '838d8362834e',
  'a5eda5c3a5af',
  'e38197e381b0e38289e3818f', // しばらく
  '82b582ce82e782ad',
  'a4b7a4d0a4e9a4af',
);
const NEW_JA = bytes('e696b0e38197e38184', '905682b582a2', 'bfb7a4b7a4a4'); // 新しい
/** Full-width colon. */
const COLON_JA = bytes('efbc9a', '8146', 'a1a7');

const any = (words: readonly string[], text: string): boolean => words.some(word => text.includes(word));

const PASSWORD = /password|passwd|passcode|pass ?phrase|pass ?word|\bpass\b|\bpin\b/;
const USER = /login|log in|logon|user ?name|user ?id|\buser\b|account|\bid\b|\bname\b/;
/** Before `>` only a line that is nothing but the word counts: `user@host:~>` and `router>` are sessions. */
const PASSWORD_ANGLE = /^(enter |your )?(password|passwd|passcode|pin) ?>$/;
const USER_ANGLE = /^(enter |your )?(login|user ?name|user ?id|login name|account) ?>$/;
const NEW = /\b(new|retype|confirm|change)\b/;

const endsLikePrompt = (line: string) => line.endsWith(':') || any(COLON_JA, line.slice(-3));

/** Which question the last line asks. `new-password` is asked of one who is already in. */
export function questionOf(line: string): 'user' | 'password' | 'new-password' | undefined {
  if (line.length === 0) return undefined;
  const colon = endsLikePrompt(line);
  if (colon ? PASSWORD.test(line) || any(PASSWORD_JA, line) : PASSWORD_ANGLE.test(line))
    return NEW.test(line) || any(NEW_JA, line) ? 'new-password' : 'password';
  return (colon ? USER.test(line) || any(USER_JA, line) : USER_ANGLE.test(line)) ? 'user' : undefined;
}

export const asksForKey = (line: string): boolean => /\b(press|hit|push|type) (any key|\W?(enter|return)\b)/.test(line);

const REJECT =
  /incorrect|invalid|fail|denied|bad (password|login|user|secret|passwd)|wrong|not (correct|match|valid|allowed|authori[sz]ed)|unauthori[sz]ed|error|refused|unknown user|mismatch|illegal|rejected|unsuccessful|no such user/;
const LOCKOUT =
  /\block(ed|out)\b|lock(ed|ing) ?out|locked|too many|try again (later|in|after)|temporarily|account (is |has been )?(disabled|blocked|suspended)|maximum (number of )?(login )?(attempts|retries|tries)|wait \d{1,6} ?(s|m)/;

/** `Last failed login: Tue...` is what a success prints. */
const HISTORY = /\blast\b[^\n]{0,60}\blogin\b|\blogin attempts? since\b/;
const withoutHistory = (text: string) =>
  HISTORY.test(text)
    ? text
        .split(/[\r\n]/)
        .filter(line => !HISTORY.test(line))
        .join('\n')
    : text;

/** `text` in lower case. */
export function saysRejected(text: string): boolean {
  const plain = withoutHistory(text);
  return REJECT.test(plain) || any(REJECT_JA, plain);
}
export const saysLockedOut = (text: string): boolean => LOCKOUT.test(text) || any(LOCKOUT_JA, text);

/**
 * Whether the last line is a command prompt with the cursor behind it. Anchored at both ends and short: banners are full
 * of these four characters, and a sentence that ends in one is no prompt.
 */
export function looksLikeShell(line: string): boolean {
  const m = /^([\w.@:~/()[\]*<\x80-\xff-]{0,48}(?: [\w.@:~/()[\]*-]{0,32}){0,2}) ?([#$>%])$/.exec(line);
  if (!m) return false;
  const [, body, mark] = m as unknown as [string, string, string];
  if (mark === '%' && /\d$/.test(body)) return false;
  if (mark === '>' && body.startsWith('<')) return false;
  return body.length === 0 || /[a-z0-9~\x80-\xff\]/:]/.test(body);
}

/** A numbered menu that waits for a choice; only ever believed after a password. */
export function looksLikeMenu(text: string, line: string): boolean {
  if (!/[:>?\]#=]$/.test(line)) return false;
  if (/\b(select|selection|choice|choose|option|command)\b/.test(line)) return true;
  return (text.match(/^[ \t]{0,8}\W?\d{1,2}[.):\]] ?\S/gm)?.length ?? 0) >= 2;
}
