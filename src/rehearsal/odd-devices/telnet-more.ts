/** More telnet devices: other words, other encodings, other manners, and honeypots. */
import { allButTwo, nthPair } from './accepts.ts';
import { deceptive, HONEST, numbered, POST_LOGIN, unjudged } from './device.ts';
import { encodeJapanese } from './japanese.ts';
import { asking, IAC_GREETING, type Manner, SHELL, say } from './telnet-asking.ts';

const inJapanese = (encoding: 'shift_jis' | 'euc-jp'): Manner => {
  const text = (words: string) => encodeJapanese(words, encoding);
  return {
    greeting: `${IAC_GREETING}${text('\r\nひのき電機 無線ルータ 設定画面\r\n')}`,
    user: text('ユーザ名：'),
    password: text('パスワード：'),
    reject: text('\r\nユーザ名またはパスワードが正しくありません。\r\n'),
    success: text(`\r\n${POST_LOGIN} ようこそ\r\n> `),
  };
};

/** Every option there is, three times over, before the prompt: much, but it ends. */
const STORM = Array.from({ length: 300 }, (_, i) => `\xff${i % 2 ? '\xfd' : '\xfb'}${String.fromCharCode(i % 100)}`);

const MOTD = Array.from(
  { length: 150 },
  (_, i) => `${i}. Use of this equipment is recorded. login, password and # are words: /etc/motd`,
).join('\r\n');

const MENU = `\x1b[2J\x1b[1;1H\x1b[7m ${POST_LOGIN} \x1b[0m\x1b[3;4H1) Status\r\n\x1b[4;4H2) Network\r\n\x1b[5;4H3) Quit\r\n\x1b[7;1HYour choice: `;

export const TELNET_MORE = numbered('telnet', 22, [
  { title: 'asks in Shift_JIS', ...HONEST, device: asking(inJapanese('shift_jis')) },
  { title: 'asks in EUC-JP', ...HONEST, device: asking(inJapanese('euc-jp')) },
  { title: 'ANSI menu', ...HONEST, device: asking({ success: MENU }) },
  {
    title: 'key-press screen in ANSI',
    ...HONEST,
    device: (socket, key, sight) => {
      say(socket, '\x1b[2J\x1b[H\x1b[1mSwitch SV-24\x1b[0m\r\n\r\n\x1b[5m--- Press any key to continue ---\x1b[0m');
      socket.once('data', () => asking({ greeting: '\x1b[2J\x1b[H\r\n' })(socket, key, sight));
    },
  },
  {
    title: 'password only, angle bracket',
    ...HONEST,
    device: asking({
      passwordOnly: true,
      greeting: '\r\nPBX-7\r\n',
      password: 'Enter password>',
      success: '\r\nPBX> ',
    }),
  },
  { title: 'echoes the user name late', ...HONEST, device: asking({ lateEchoMs: 5 }) },
  { title: 'storm of negotiation', ...HONEST, device: asking({ greeting: `${STORM.join('')}\r\n` }) },
  {
    title: 'prompt Username>',
    ...HONEST,
    device: asking({
      user: 'Username>',
      password: 'Password>',
      reject: '\r\nInvalid login\r\n',
      success: '\r\nLB-2> ',
    }),
  },
  {
    title: 'prompt PIN>',
    ...HONEST,
    device: asking({ passwordOnly: true, greeting: '\r\n', password: 'PIN>', reject: '\r\nPIN rejected\r\n' }),
  },
  {
    title: 'prompts in colour',
    ...HONEST,
    device: asking({
      user: '\x1b[1;32mlogin\x1b[0m: \x1b[K',
      password: '\x1b[1;33mPassword\x1b[0m: \x1b[8m',
      reject: '\x1b[0m\r\n\x1b[31mAuthentication failed\x1b[0m\r\n',
      success: `\x1b[0m\r\n${POST_LOGIN}\r\n\x1b[36mroot@nas\x1b[0m:\x1b[34m~\x1b[0m# \x1b[K`,
    }),
  },
  { title: 'long message of the day', ...HONEST, device: asking({ greeting: `${IAC_GREETING}\r\n${MOTD}\r\n\r\n` }) },
  {
    title: 'asks for the password again',
    ...HONEST,
    device: asking({ reject: '\r\n', again: 'Password: ' }),
  },
  { title: 'three strikes', ...HONEST, device: asking({ strikes: 3, reject: '\r\nBad login.\r\n' }) },
  {
    title: 'asks for the user again without a word',
    ...HONEST,
    device: asking({ reject: '\r\n', user: 'User Name : ' }),
  },
  {
    title: 'takes the n-th pair of a source',
    ...deceptive('SUSPECT_DECEPTION', 'ACCEPTS_ANYTHING', 'INCONCLUSIVE', 'WEAK_UNCONFIRMED'),
    needsSecondSource: true,
    device: asking({ accepts: (_, __, { here, user, password, sight }) => nthPair(here, user, password, sight) }),
  },
  {
    title: 'takes all passwords of root but two',
    ...deceptive('ACCEPTS_ANYTHING'),
    device: asking({ accepts: (_, __, { user, password }) => allButTwo(user, password) }),
  },
  {
    title: 'wants a new password at once',
    // It took the pair, but a session is not what it offers: no claim, and the other pairs are refused.
    ...unjudged('CLEAR', 'INCONCLUSIVE'),
    device: asking({ success: '\r\nYou must change the default password.\r\nNew password: ' }),
  },
  {
    title: 'tells of failed logins after a good one',
    ...HONEST,
    device: asking({
      success: `\r\nLast failed login: Mon Nov  2 03:04:05 JST 2026\r\nThere were 3 failed login attempts since the last successful login.${SHELL}`,
    }),
  },
  {
    title: 'takes its time to greet',
    ...HONEST,
    device: (socket, key, sight) => {
      const later = setTimeout(() => asking({})(socket, key, sight), 150);
      socket.on('close', () => clearTimeout(later));
    },
  },
]);
