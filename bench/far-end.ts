/**
 * A simulated population in one cheap process: every 127/8 address answers telnet on the first port of the command line
 * and HTTP Basic on the second; on the third it shows a login prompt and then says nothing any more. It knows no pair. It
 * counts by itself what was tried, because no tool's own report is trusted: a line on stdin is answered by a line of JSON
 * (FarEndCount), and the end of stdin is its end.
 */
import {
  accept,
  calledAddress,
  close,
  listenOnLoopback,
  openWatch,
  read,
  wouldBlock,
  write,
} from './far-end-system.ts';

export interface FarEndCount {
  readonly connections: number;
  /** Connections now open. */
  readonly open: number;
  /** Credentials that arrived whole. */
  readonly attempts: number;
  /** Different addresses among them. */
  readonly hosts: number;
}

const [telnetPort = 2323, httpPort = 8080, heldPort = 2324] = process.argv.slice(2).map(Number);
const MOST = 65_536;
const [FREE, USER, PASSWORD, HTTP, HELD] = [0, 1, 2, 3, 4];

const IAC = 255;
const SB = 250;
const WILL = 251;
const GREETING = Buffer.from([IAC, 253, 24, IAC, 251, 1, IAC, 251, 3, ...Buffer.from('\r\nlogin: ')]);
const ASK_PASSWORD = Buffer.from('\r\nPassword: ');
const REFUSED = Buffer.from('\r\nLogin incorrect\r\nlogin: ');
const BODY = '<html><head><title>401</title></head><body>401 Unauthorized</body></html>\n';
const UNAUTHORIZED = Buffer.from(
  `HTTP/1.1 401 Unauthorized\r\nServer: far-end\r\nWWW-Authenticate: Basic realm="far end"\r\nContent-Type: text/html\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);

/** ncrack offers LINEMODE (RFC 1184) and signs in only where that is agreed to. */
const LINEMODE = 34;
const AGREED = Buffer.from([IAC, 253, LINEMODE]);

/** By descriptor: what it waits for, and where in a telnet command it is. */
const stage = new Uint8Array(MOST);
const command = new Uint8Array(MOST);
/** Beginnings of requests that came in pieces. */
const pieces = new Map<number, string>();
const tried = new Uint8Array(1 << 21);
const count = { connections: 0, open: 0, attempts: 0, hosts: 0 };
const inbox = Buffer.alloc(64 * 1024);
const outbox = Buffer.alloc(64 * 1024);

function attempt(fd: number): void {
  count.attempts++;
  const called = calledAddress(fd);
  const bit = 1 << (called & 7);
  if ((tried[called >>> 3] as number) & bit) return;
  tried[called >>> 3] = (tried[called >>> 3] as number) | bit;
  count.hosts++;
}

/** The user name is echoed, the password is not; `\r` ends a line, and what follows it belongs to the ending. */
function telnet(fd: number, length: number): void {
  let out = 0;
  for (let i = 0; i < length; i++) {
    const byte = inbox[i] as number;
    const skip = command[fd] as number;
    // 2: the command itself; 3: within a sub-negotiation, up to its SE; above: the option of this three-byte command.
    if (skip === 3) command[fd] = byte === IAC ? 2 : 3;
    else if (skip === 2) command[fd] = byte === SB ? 3 : byte > SB ? byte : 0;
    else if (skip > 3) {
      if (skip === WILL && byte === LINEMODE) out += AGREED.copy(outbox, out);
      command[fd] = 0;
    } else if (byte === IAC) command[fd] = 2;
    else if (byte === 13) {
      const answer = stage[fd] === USER ? ASK_PASSWORD : REFUSED;
      if (stage[fd] === PASSWORD) attempt(fd);
      stage[fd] = stage[fd] === USER ? PASSWORD : USER;
      out += answer.copy(outbox, out);
    } else if (byte !== 10 && byte !== 0 && stage[fd] === USER && out < 60_000) outbox[out++] = byte;
  }
  if (out > 0) write(fd, outbox, out);
}

function http(fd: number, length: number): void {
  let text = (pieces.get(fd) ?? '') + inbox.toString('latin1', 0, length);
  let end = text.indexOf('\r\n\r\n');
  for (; end >= 0; end = text.indexOf('\r\n\r\n')) {
    const head = text.slice(0, end + 2).toLowerCase();
    if (head.includes('\r\nauthorization:')) attempt(fd);
    write(fd, UNAUTHORIZED, UNAUTHORIZED.length);
    text = text.slice(end + 4);
    if (head.includes('\r\nconnection: close')) {
      leave(fd);
      return;
    }
  }
  if (text === '') pieces.delete(fd);
  else pieces.set(fd, text.slice(-16_384));
}

function leave(fd: number): void {
  pieces.delete(fd);
  stage[fd] = FREE as number;
  count.open--;
  close(fd);
}

const watch = openWatch(1024);
const doors = new Map<number, number>([
  [listenOnLoopback(telnetPort), USER as number],
  [listenOnLoopback(httpPort), HTTP as number],
  [listenOnLoopback(heldPort), HELD as number],
]);
for (const door of doors.keys()) watch.add(door);
watch.add(0);

function enter(door: number, first: number): void {
  for (let fd = accept(door); fd >= 0; fd = accept(door)) {
    if (fd >= MOST) throw new RangeError(`descriptor ${fd}`);
    stage[fd] = first;
    command[fd] = 0;
    count.connections++;
    count.open++;
    if (first !== HTTP) write(fd, GREETING, GREETING.length);
    watch.add(fd);
  }
}

const say = (text: string): void => {
  const bytes = Buffer.from(`${text}\n`);
  write(1, bytes, bytes.length);
};
/** False at the end of stdin. */
function asked(): boolean {
  if (read(0, inbox, 4_096) <= 0) return false;
  say(JSON.stringify(count satisfies FarEndCount));
  return true;
}

say('ready');
for (let running = true; running; ) {
  for (const fd of watch.ready()) {
    const first = doors.get(fd);
    if (first !== undefined) enter(fd, first);
    else if (fd === 0) running &&= asked();
    else {
      const length = read(fd, inbox, inbox.length);
      if (length <= 0) {
        if (length === 0 || !wouldBlock()) leave(fd);
      } else if (stage[fd] === HTTP) http(fd, length);
      else if (stage[fd] !== HELD) telnet(fd, length);
    }
  }
}
process.exit(0);
