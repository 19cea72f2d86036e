/**
 * Dials TCP by system calls: shapes and promises of dial.ts. One epoll for all, told of every change once (edge-triggered)
 * and asked every few ms, so that one wake-up serves many conversations. A socket is not closed after a reset but used for
 * the next conversation: connect() to nowhere resets it and leaves it as new. Measured in docs/decisions/0007.
 */
import { parseIpv4 } from '../../record/address.ts';
import { type Alarm, arm, disarm, lookEveryTick, NEVER } from './alarms.ts';
import type { Connection, Dial, DialEvents } from './dial.ts';
import { MOST_UNSENT, outcomeOfError, POLITE_MS } from './dial-events.ts';
import * as system from './system.ts';

const EVENTS = 512;
/** Buffers read from one peer before others have their turn. */
const MOST_TURNS = 16;
/** Idle sockets kept for the next conversation. */
const MOST_SPARE = 512;
const SHARED = Buffer.allocUnsafeSlow(16 * 1024);

type State = 'connecting' | 'open' | 'ended' | 'polite' | 'left';

let epoll: system.Epoll | undefined;
/** By descriptor. */
const lines: (Line | undefined)[] = [];
const spares: number[] = [];
/** Left in this tick; their sockets serve others only when the events of this tick are worked off. */
let leaving: Line[] = [];
let open = 0;

class Line implements Connection, Alarm {
  due = NEVER;
  placed = NEVER;
  seat = 0;
  readonly fd: number;
  readonly events: DialEvents;
  /** Bound sockets keep their source, so nobody else gets them. */
  readonly bound: boolean;
  state: State = 'connecting';
  unsent: Buffer | undefined;

  constructor(fd: number, events: DialEvents, bound: boolean) {
    this.fd = fd;
    this.events = events;
    this.bound = bound;
  }

  send(bytes: Uint8Array): void {
    if (this.state !== 'open' || (this.unsent?.length ?? 0) > MOST_UNSENT) return;
    const taken = this.unsent ? 0 : Math.max(0, system.transmit(this.fd, bytes));
    // An error here shows again when reading, with all that the peer said before.
    if (taken < bytes.length) this.#keep(bytes.subarray(taken));
  }

  #keep(bytes: Uint8Array): void {
    this.unsent = Buffer.concat(this.unsent ? [this.unsent, bytes] : [bytes]);
    if (this.unsent.length > MOST_UNSENT) setImmediate(() => this.end('reset'));
  }

  leave(politely: boolean): void {
    if (this.state === 'left' || this.state === 'polite') return;
    if (!politely || this.state !== 'open') {
      this.#drop();
      return;
    }
    this.state = 'polite';
    system.finish(this.fd);
    arm(this, POLITE_MS);
  }

  /** The connect deadline, or the end of a polite goodbye. */
  ring(): void {
    if (this.state === 'connecting') this.fail('ETIMEDOUT');
    else if (this.state === 'polite') this.#drop();
  }

  #drop(): void {
    this.state = 'left';
    disarm(this);
    this.unsent = undefined;
    leaving.push(this);
    if (leaving.length === 1) setImmediate(letGo);
  }

  fail(name: string): void {
    this.events.failed(outcomeOfError(name));
    if (this.state === 'connecting') this.#drop();
  }

  end(how: 'end' | 'reset'): void {
    if (this.state === 'polite') this.#drop();
    if (this.state !== 'open') return;
    this.state = 'ended';
    this.events.ended(how);
  }

  happened(readable: boolean, writable: boolean, ended: boolean, failed: boolean): void {
    let error = 0;
    if (this.state === 'connecting') {
      if (!writable && !failed) return;
      error = failed ? system.pendingError(this.fd) : 0;
      // A peer that accepted and reset at once may have said something first.
      if (error !== 0 && error !== system.ECONNRESET && error !== system.EPIPE) {
        this.fail(system.errorName(error));
        return;
      }
      disarm(this);
      this.events.reached(system.localEnd(this.fd));
      if (this.state !== 'connecting') return;
      this.state = 'open';
      this.events.connected(this);
    } else if (writable && this.unsent) this.#flush();
    if (readable) this.#read(ended, error);
  }

  #flush(): void {
    const waiting = this.unsent as Buffer;
    this.unsent = undefined;
    if (this.state === 'open') this.send(waiting);
  }

  #read(ended: boolean, error: number): void {
    for (let turn = 0; this.state === 'open' || this.state === 'polite'; turn++) {
      if (turn === MOST_TURNS) return void setImmediate(() => this.#read(ended, error));
      const got = system.receive(this.fd, SHARED);
      if (got === -system.EAGAIN) return;
      if (got <= 0) {
        this.end(got === 0 && error === 0 ? 'end' : 'reset');
        return;
      }
      if (this.state === 'open') this.events.data(SHARED.subarray(0, got));
      // Less than asked for is all there was; what comes later is a change of its own.
      if (got < SHARED.length && !ended) return;
    }
  }
}

function letGo(): void {
  const gone = leaving;
  leaving = [];
  for (const line of gone) {
    lines[line.fd] = undefined;
    open--;
    if (spares.length < MOST_SPARE && !line.bound && system.disconnect(line.fd)) spares.push(line.fd);
    else system.reset(line.fd);
  }
  for (const line of gone) line.events.closed();
}

function look(): number {
  if (open === 0) {
    for (const fd of spares.splice(0)) system.close(fd);
    return -1;
  }
  let seen = 0;
  let got = EVENTS;
  while (epoll && got === EVENTS && seen < 64 * EVENTS) {
    got = epoll.wait();
    seen += got;
    for (let i = 0; i < got; i++)
      lines[epoll.fd(i)]?.happened(epoll.readable(i), epoll.writable(i), epoll.ended(i), epoll.failed(i));
  }
  if (leaving.length > 0) letGo();
  return seen;
}

/** A descriptor that connects, or the errno of why this machine cannot even begin. */
function begin(address: number, port: number, from: number | undefined): number {
  epoll ??= system.openEpoll(EVENTS);
  if (!epoll) return -system.EMFILE;
  const spare = from === undefined ? spares.pop() : undefined;
  const fd = spare ?? system.tcpSocket();
  if (fd < 0) return fd;
  let errno = from === undefined ? 0 : system.bindTo(fd, from);
  if (errno === 0) errno = system.connectTo(fd, address, port);
  if (errno === 0 || errno === system.EINPROGRESS) errno = spare === undefined ? epoll.add(fd) : 0;
  if (errno === 0) return fd;
  system.close(fd);
  return -errno;
}

export const dialRaw: Dial = (to, events) => {
  const address = parseIpv4(to.address);
  const from = to.from === undefined ? undefined : parseIpv4(to.from);
  if (address === undefined) throw new TypeError('dial takes an IPv4 address, never a name');
  if (to.from !== undefined && from === undefined) throw new TypeError('a source is an IPv4 address');
  const fd = begin(address, to.port, from);
  if (fd < 0) {
    setImmediate(() => {
      events.failed(outcomeOfError(system.errorName(-fd)));
      events.closed();
    });
    return () => {};
  }
  const line = new Line(fd, events, from !== undefined);
  lines[fd] = line;
  open++;
  lookEveryTick(look);
  arm(line, to.connectMs);
  return () => line.leave(false);
};
