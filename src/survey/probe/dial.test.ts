/** One suite over both ways of dialling: whatever a peer does, they say the same. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type Dial, type DialTo, dial, dialsHere, type Source } from './dial.ts';
import { outcomeOfError } from './dial-events.ts';
import { dialNet } from './dial-net.ts';
import { dialRaw } from './dial-raw.ts';

const WAYS: readonly (readonly [string, Dial])[] = [
  ['by Node', dialNet],
  ['by system calls', dialRaw],
];
const both = (name: string, run: (way: Dial) => Promise<void>) => {
  for (const [how, way] of WAYS) test(`${name}, ${how}`, { timeout: 10_000 }, () => run(way));
};

/** A peer on loopback for the time of `use`. */
async function peer(onSocket: (socket: Socket) => void, use: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

interface Seen {
  /** Every event but `closed`, in order; bytes as text. */
  readonly log: string[];
  readonly source: Source | undefined;
  readonly ms: number;
}

interface Manner {
  readonly to?: Partial<DialTo>;
  reached?(giveUp: () => void): void;
  connected?(connection: Connection): void;
  data?(text: string, connection: Connection): void;
  /** Default: leave at once. */
  ended?(connection: Connection): void;
}

function visit(way: Dial, port: number, manner: Manner = {}): Promise<Seen> {
  const began = performance.now();
  const log: string[] = [];
  let source: Source | undefined;
  let connection: Connection | undefined;
  let closed = 0;
  return new Promise((resolve, reject) => {
    const giveUp = way(
      { address: '127.0.0.1', port, transport: 'tcp', connectMs: 2_000, ...manner.to },
      {
        reached(from) {
          source = from;
          log.push('reached');
          manner.reached?.(giveUp);
        },
        connected(made) {
          connection = made;
          log.push('connected');
          manner.connected?.(made);
        },
        data(chunk) {
          const text = Buffer.from(chunk).toString('latin1');
          log.push(text);
          manner.data?.(text, connection as Connection);
        },
        ended(how) {
          log.push(how);
          if (manner.ended) manner.ended(connection as Connection);
          else connection?.leave(false);
        },
        failed: outcome => void log.push(outcome),
        closed() {
          if (++closed > 1) reject(new Error('closed twice'));
          setImmediate(() => resolve({ log, source, ms: performance.now() - began }));
        },
      },
    );
  });
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
/** TIME_WAIT (state 06) at our end of a connection between these ports. */
const lingers = (from: number, to: number) =>
  new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex(from)} [0-9A-F]{8}:${hex(to)} 06 `, 'm').test(
    readFileSync('/proc/net/tcp', 'utf8'),
  );

both('says where it came from, hands over bytes, tells FIN from reset', async way => {
  const answer = (socket: Socket) => {
    socket.write('hello');
    socket.once('data', d => (d.toString() === 'reset' ? socket.resetAndDestroy() : socket.end()));
  };
  await peer(answer, async port => {
    for (const [word, how] of [
      ['reset', 'reset'],
      ['close', 'end'],
    ] as const) {
      const { log, source } = await visit(way, port, {
        to: { from: '127.0.0.3' },
        data: (_, connection) => connection.send(Buffer.from(word)),
      });
      assert.deepEqual(log, ['reached', 'connected', 'hello', how]);
      assert.equal(source?.address, '127.0.0.3');
      assert.ok((source?.port ?? 0) > 0);
    }
  });
});

both('a closed port is REFUSED, a name is never looked up, a source that is not ours is our own trouble', async way => {
  let closed = 0;
  await peer(
    () => {},
    async port => {
      closed = port;
    },
  );
  assert.deepEqual((await visit(way, closed)).log, ['REFUSED']);
  assert.deepEqual((await visit(way, closed, { to: { from: '192.0.2.77' } })).log, ['LOCAL_RESOURCE']);
  await assert.rejects(visit(way, closed, { to: { address: 'localhost' } }), TypeError);
});

both('a peer that never answers is a time-out, at its time; one can give up before', async way => {
  // A stopped process whose queue is full: the kernel drops what knocks after that.
  const code =
    "require('node:net').createServer().listen({host:'127.0.0.1',port:0,backlog:1},function(){console.log(this.address().port)})";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = Number(String((await once(child.stdout, 'data'))[0]));
    child.kill('SIGSTOP');
    const fill: Connection[] = [];
    for (let i = 0; i < 4; i++) void visit(way, port, { to: { connectMs: 4_000 }, connected: c => void fill.push(c) });
    await sleep(50);
    const { log, ms } = await visit(way, port, { to: { connectMs: 300 } });
    assert.deepEqual(log, ['CONNECT_TIMEOUT']);
    assert.ok(ms >= 299 && ms < 600, `${ms} ms`);
    let giveUp = () => {};
    const gone = new Promise<void>(closed => {
      const never = () => assert.fail('nothing may be said to one who gave up');
      const events = { reached: never, connected: never, data: never, ended: never, failed: never, closed };
      giveUp = way({ address: '127.0.0.1', port, transport: 'tcp', connectMs: 5_000 }, events);
    });
    await sleep(20);
    giveUp();
    await gone;
    for (const connection of fill) connection.leave(false);
  } finally {
    child.kill('SIGKILL');
  }
});

both('one who gives up when reached sends nothing', async way => {
  let got = '';
  await peer(
    socket =>
      socket.on('data', d => {
        got += d;
      }),
    async port => {
      const { log } = await visit(way, port, { reached: giveUp => giveUp(), connected: c => c.send(Buffer.from('x')) });
      assert.deepEqual(log, ['reached']);
      await sleep(20);
    },
  );
  assert.equal(got, '');
});

both('leaving is a reset that keeps no port, and after it nothing is sent or heard', async way => {
  const ends: string[] = [];
  const note = (socket: Socket) => {
    socket.on('data', d => ends.push(d.toString()));
    socket.on('end', () => ends.push('FIN'));
    socket.on('error', error => ends.push((error as NodeJS.ErrnoException).code ?? ''));
    socket.write('one');
  };
  await peer(note, async port => {
    const { log, source } = await visit(way, port, {
      data(_, connection) {
        connection.leave(false);
        connection.send(Buffer.from('late'));
        connection.leave(true);
      },
    });
    assert.deepEqual(log, ['reached', 'connected', 'one']);
    await sleep(30);
    assert.deepEqual(ends, ['ECONNRESET']);
    assert.equal(lingers(source?.port ?? 0, port), false);
  });
});

both('a polite leave is a FIN, and the peer may still speak, unheard', async way => {
  const ends: string[] = [];
  const bye = (socket: Socket) => {
    socket.on('data', () => {});
    socket.write('# ');
    socket.on('end', () => {
      ends.push('FIN');
      socket.write('logout\r\n');
      setTimeout(() => socket.end(), 30);
    });
    socket.on('close', failed => ends.push(failed ? 'reset' : 'clean'));
  };
  await peer(bye, async port => {
    const { log, ms } = await visit(way, port, { data: (_, connection) => connection.leave(true) });
    assert.deepEqual(log, ['reached', 'connected', '# ']);
    await sleep(30);
    assert.deepEqual(ends, ['FIN', 'clean']);
    assert.ok(ms < 500, `${ms} ms`);
  });
});

both('a peer that does not answer a FIN, or never stops talking, is reset after a second', async way => {
  for (const talks of [false, true]) {
    let timer: NodeJS.Timeout | undefined;
    const stays = (socket: Socket) => {
      socket.write('# ');
      socket.on('data', () => {});
      if (talks) timer = setInterval(() => socket.writableNeedDrain || socket.write(Buffer.alloc(65_536)), 1);
    };
    await peer(stays, async port => {
      let left = 0;
      const { log } = await visit(way, port, {
        data(_, connection) {
          if (left === 0) left = performance.now();
          connection.leave(true);
        },
      });
      clearInterval(timer);
      const took = performance.now() - left;
      assert.ok(took >= 999 && took < 1_300, `${took} ms`);
      assert.equal(log.length, 3);
    });
  }
});

both('a half-open peer has ended, and is still sent to', async way => {
  let got = '';
  const half = (socket: Socket) => {
    socket.on('data', d => {
      got += d;
    });
    socket.end('bye');
  };
  await peer(half, async port => {
    const { log } = await visit(way, port, { connected: c => c.send(Buffer.from('hello')) });
    assert.deepEqual(log, ['reached', 'connected', 'bye', 'end']);
    assert.equal(got, 'hello');
  });
});

both('a peer that never reads holds up nobody and takes no memory without end', async way => {
  await peer(
    socket => socket.pause(),
    async port => {
      const began = performance.now();
      let sent = 0;
      const { log } = await visit(way, port, {
        connected(connection) {
          for (; sent < 64 << 20; sent += 65_536) connection.send(Buffer.alloc(65_536));
          assert.ok(performance.now() - began < 3_000, 'send does not wait');
        },
      });
      assert.deepEqual(log, ['reached', 'connected', 'reset']);
    },
  );
});

test('what the kernel did not take is sent on, in order, when the peer reads again', async () => {
  let got = Buffer.alloc(0);
  let reader: Socket | undefined;
  await peer(
    socket => {
      reader = socket;
      socket.pause();
      socket.on('data', d => {
        got = Buffer.concat([got, d]);
      });
    },
    async port => {
      const sent: Buffer[] = [];
      const seen = visit(dialRaw, port, {
        connected(connection) {
          const waiting = () => (connection as unknown as { unsent?: Buffer }).unsent?.length ?? 0;
          for (let n = 0; waiting() === 0 || sent.length % 7 !== 0; n++) {
            const piece = Buffer.alloc(4_001, n);
            sent.push(piece);
            connection.send(piece);
          }
          assert.ok(waiting() > 0 && waiting() <= 64 * 1024);
          setTimeout(() => reader?.resume(), 20);
        },
      });
      const all = () => sent.reduce((sum, piece) => sum + piece.length, 0);
      while (sent.length === 0 || got.length < all()) await sleep(5);
      reader?.end();
      assert.deepEqual((await seen).log, ['reached', 'connected', 'end']);
      assert.ok(got.equals(Buffer.concat(sent)));
    },
  );
});

both('a thousand conversations over used sockets hear their own peer and nobody else', async way => {
  await peer(
    socket => {
      let got = '';
      socket.on('data', d => {
        got += d;
        if (!got.endsWith('\n')) return;
        const n = Number(got);
        const reply = `you are ${n}`;
        if (n % 3 === 0) socket.end(reply);
        else if (n % 3 === 1) socket.write(reply, () => setTimeout(() => socket.resetAndDestroy(), n % 5));
        else socket.write(reply);
      });
    },
    async port => {
      let next = 0;
      const wrong: string[] = [];
      await Promise.all(
        Array.from({ length: 40 }, async () => {
          while (next < 1_000) {
            const n = next++;
            const { log } = await visit(way, port, {
              connected: c => c.send(Buffer.from(`${n}\n`)),
              data: (_, c) => n % 3 === 2 && c.leave(n % 2 === 0 && n % 10 === 0),
            });
            if (log[2] !== `you are ${n}` || log.length > 4) wrong.push(`${n}: ${log.join('|')}`);
          }
        }),
      );
      assert.deepEqual(wrong, []);
    },
  );
});

test('errors that are not the peer’s are LOCAL_RESOURCE', () => {
  for (const name of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EADDRINUSE', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EACCES', '?'])
    assert.equal(outcomeOfError(name), 'LOCAL_RESOURCE', name);
  for (const name of ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']) assert.equal(outcomeOfError(name), 'UNREACHABLE');
});

test('this machine says which way it dials', () => {
  assert.equal(dialsHere().way, 'system calls');
  assert.equal(typeof dial, 'function');
});
