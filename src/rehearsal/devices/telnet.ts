/** How cheap devices speak telnet: one talk for each personality. In: wire and placement. Out: what hears the peer. */
import { MODELS, type Model } from '../models.ts';
import { LOCKOUT_AFTER } from '../personality.ts';
import type { Placement } from '../world.ts';
import { telnetLines } from './telnet-lines.ts';
import type { Talk, Wire } from './wire.ts';

/** IAC DO TTYPE, IAC WILL ECHO, IAC WILL SGA. */
const NEGOTIATION = Uint8Array.of(255, 253, 24, 255, 251, 1, 255, 251, 3);
/** IAC NOP, IAC SB TTYPE SEND IAC SE: both lawful in a greeting, both known to break scanners. */
const NOP_AND_SB = Uint8Array.of(255, 241, 255, 250, 24, 1, 255, 240);
const ART = '\r\n/////////////////////////////\r\n#  100 % / 24 h  > > >  $ $  #\r\n/////////////////////////////\r\n';
const MENU = '\r\nMain menu\r\n 1. Status\r\n 2. Network\r\n 3. Reboot\r\n 0. Exit\r\nSelect: ';
const SHELL = '\r\n\r\nBusyBox v1.19.4 built-in shell (ash)\r\nEnter help for a list of built-in commands.\r\n\r\n# ';

/** The time such a device takes to look a password up. */
const THINKING_MS = 15;
const TRIES_PER_CONNECTION = 3;

interface Wording {
  readonly before: Uint8Array;
  readonly greeting: string;
  readonly prompt: string;
  readonly reject: string;
}

const wordingOf = (device: Placement, model: Model): Wording => {
  const usual = { before: NEGOTIATION, greeting: model.greeting, prompt: model.prompt, reject: 'Login incorrect' };
  switch (device.service.personality) {
    case 'banner-art':
      return { ...usual, greeting: ART + model.greeting };
    case 'japanese':
      return { ...usual, reject: 'パスワードが違います。もう一度入力してください。' };
    case 'nop-sb':
      return { ...usual, before: Buffer.concat([NOP_AND_SB, NEGOTIATION]) };
    case 'password-only':
      return { ...usual, greeting: '\r\nPassword: ', prompt: 'Password: ', reject: '% Bad passwords' };
    default:
      return usual;
  }
};

/** Sends each byte in its own packet, a moment apart. */
function dribble(wire: Wire): (bytes: string | Uint8Array) => void {
  const queue: number[] = [];
  let busy = false;
  const step = () => {
    const byte = queue.shift();
    busy = byte !== undefined;
    if (byte === undefined) return;
    wire.send(Uint8Array.of(byte));
    wire.later(1, step);
  };
  return bytes => {
    queue.push(...Buffer.from(bytes));
    if (!busy) step();
  };
}

function login(wire: Wire, device: Placement): (chunk: Buffer) => void {
  const model = MODELS[device.model];
  const words = wordingOf(device, model);
  const { personality } = device.service;
  const send = personality === 'byte-by-byte' ? dribble(wire) : wire.send;
  const passwordOnly = personality === 'password-only';
  let user: string | undefined = passwordOnly ? '' : undefined;
  let left = TRIES_PER_CONNECTION;
  let thinking = false;
  let inside = false;
  const locked = () => personality === 'lockout' && wire.wrongTries() >= LOCKOUT_AFTER;
  const lock = () => wire.end('\r\nAccount locked for 300 s. Too many failures.\r\n');

  function judge(password: string) {
    thinking = true;
    inside = !locked() && wire.tries(user ?? '', password);
    wire.later(THINKING_MS, () => {
      thinking = false;
      if (inside) return send(personality === 'menu' ? MENU : SHELL);
      if (locked()) return lock();
      user = passwordOnly ? '' : undefined;
      if (--left === 0) return wire.end(`\r\n${words.reject}\r\n`);
      send(`\r\n${words.reject}\r\n${words.prompt}`);
    });
  }

  send(words.before);
  send(words.greeting);
  return telnetLines(
    line => {
      if (inside) return wire.intruded(2);
      if (thinking) return;
      if (user !== undefined) return judge(line);
      user = line;
      send('\r\nPassword: ');
    },
    // The user name is echoed, the password never.
    text => {
      if (inside) wire.intruded(text.length);
      else if (user === undefined && !thinking) send(text);
    },
  );
}

const deaf = () => {};

export const telnet: Talk = (wire, device) => {
  switch (device.service.personality) {
    case 'no-login': {
      if (device.condition.asks) return login(wire, device);
      wire.send(NEGOTIATION);
      wire.send(SHELL);
      // Answers to our negotiation are part of the protocol; they are not counted as commands.
      return telnetLines(
        () => wire.intruded(1),
        text => wire.intruded(text.length),
      );
    }
    case 'tarpit':
      wire.repeat(2_000, () => wire.send('.'));
      return deaf;
    case 'garbage': {
      const block = Buffer.alloc(512);
      for (let i = 0; i < block.length; i++) block[i] = (i * 167 + 13) & 127 || 1;
      wire.repeat(10, () => wire.send(block));
      return deaf;
    }
    case 'silent':
      return deaf;
    case 'closes':
      wire.end();
      return deaf;
    default:
      return login(wire, device);
  }
};
