import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Personality } from '../personality.ts';
import type { Placement } from '../world.ts';
import { type Houses, makeHouses } from './houses.ts';

const PORT = 29_323;
let last = 0;
const house = (personality: Personality, more: Partial<Placement> = {}): Placement => {
  last++;
  const http = ['basic', 'http-anything', 'portal', 'error-500', 'login-page', 'lockout-403'].includes(personality);
  return {
    id: `d${last}:${PORT}`,
    device: `d${last}`,
    address: `127.79.250.${last}`,
    port: PORT,
    protocol: http ? 'http' : 'telnet',
    service: { role: http ? 'http' : 'telnet', personality },
    model: 'hr-200',
    condition: {
      pair: { user: 'admin', password: 'admin' },
      guessable: true,
      firmware: null,
      online: true,
      asks: personality !== 'no-login',
    },
    ...more,
  };
};

/** A peer that collects what it hears, without telnet commands. */
class Peer {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  text = '';
  chunks = 0;
  constructor(at: Placement) {
    this.socket = createConnection({ host: at.address, port: at.port });
    this.socket.on('error', () => {});
    this.closed = once(this.socket, 'close');
    // A connection that is reset is closed all the same.
    this.closed.catch(() => {});
    this.socket.on('data', chunk => {
      this.chunks++;
      this.text += chunk.toString('utf8');
    });
  }
  async until(pattern: RegExp): Promise<string> {
    for (let i = 0; i < 300; i++) {
      if (pattern.test(this.text)) return this.text;
      await sleep(5);
    }
    assert.fail(`never heard ${pattern}, but ${JSON.stringify(this.text)}`);
  }
  async login(user: string, password: string): Promise<void> {
    await this.until(/(login|Username): $/);
    this.socket.write(`${user}\r\n`);
    await this.until(/Password: $/);
    this.text = '';
    this.socket.write(`${password}\r\n`);
  }
}
const request = (pair?: string) =>
  `GET / HTTP/1.1\r\nHost: x\r\n${pair ? `Authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n` : ''}\r\n`;
const ask = async (at: Placement, pair?: string) => {
  const peer = new Peer(at);
  peer.socket.write(request(pair));
  await peer.until(/<\/html>/);
  peer.socket.destroy();
  return peer.text;
};

describe('the devices speak as cheap devices do', () => {
  let houses: Houses;
  before(() => {
    houses = makeHouses(() => performance.now());
  });
  after(() => houses.close());
  const stand = async (placement: Placement) => {
    assert.deepEqual(await houses.replace(placement.device, [placement]), []);
    return placement;
  };

  it('telnet: negotiates, echoes the name but not the password, refuses, lets in, and counts what comes after', async () => {
    const at = await stand(house('shell'));
    const peer = new Peer(at);
    await peer.until(/Hinoki HR-200 Broadband Router\r\nlogin: $/);
    peer.text = '';
    peer.socket.write(Buffer.from([255, 252, 24, 255, 253, 1]));
    peer.socket.write('admin\r\n');
    await peer.until(/^admin\r\nPassword: $/);
    peer.socket.write('wrong\r\n');
    const after = await peer.until(/Login incorrect\r\nlogin: $/);
    assert.ok(!after.includes('wrong'));
    await peer.login('admin', 'admin');
    assert.match(await peer.until(/# $/), /BusyBox/);
    assert.equal(houses.tally().devices[at.device]?.bytesAfterSuccess, 0);
    peer.socket.write('ls\r\n');
    await sleep(20);
    const tally = houses.tally().devices[at.device];
    assert.equal(tally?.bytesAfterSuccess, 4);
    assert.deepEqual([tally?.attempts, tally?.successes, tally?.connections], [2, 1, 1]);
    assert.deepEqual(tally?.accounts, { admin: 2 });
    peer.socket.destroy();
  });

  it('telnet: bytes in the same packet as the accepted password are counted too, its own line end is not', async () => {
    const at = await stand(house('menu'));
    const peer = new Peer(at);
    await peer.login('admin', 'admin\r\n1');
    assert.match(await peer.until(/Select: $/), /Main menu/);
    peer.socket.write('\r\n');
    await sleep(20);
    assert.equal(houses.tally().devices[at.device]?.bytesAfterSuccess, 1 + 2 + 2);
    peer.socket.destroy();
  });

  it('telnet: three wrong tries end the connection', async () => {
    const at = await stand(house('japanese'));
    const peer = new Peer(at);
    for (let i = 0; i < 3; i++) {
      await peer.login('root', `no${i}`);
      await peer.until(/パスワードが違います/);
    }
    await peer.closed;
  });

  it('the lockout device locks after four wrong tries, even for the right pair, until a month has passed', async () => {
    const at = await stand(house('lockout'));
    for (let i = 0; i < 4; i++) {
      const peer = new Peer(at);
      await peer.login('admin', `no${i}`);
      await peer.until(i < 3 ? /incorrect/ : /locked/);
      peer.socket.destroy();
    }
    const peer = new Peer(at);
    await peer.login('admin', 'admin');
    await peer.until(/Account locked/);
    assert.equal(houses.tally().devices[at.device]?.successes, 0);
    await houses.place([at]);
    const later = new Peer(at);
    await later.login('admin', 'admin');
    await later.until(/# $/);
    later.socket.destroy();
  });

  it('a honeypot takes anything, a no-login device asks nothing until its owner repairs it', async () => {
    const pot = new Peer(await stand(house('accepts-anything')));
    await pot.login('root', 'anything at all');
    await pot.until(/# $/);
    pot.socket.destroy();
    const open = await stand(house('no-login'));
    const shell = new Peer(open);
    await shell.until(/# $/);
    shell.socket.destroy();
    const repaired = { ...open, condition: { ...open.condition, asks: true } };
    const asking = new Peer(await stand(repaired));
    await asking.until(/login: $/);
    asking.socket.destroy();
  });

  it('the odd ones are odd', async () => {
    const slow = new Peer(await stand(house('byte-by-byte')));
    await slow.until(/login: $/);
    assert.ok(slow.chunks > 10, `${slow.chunks} packets`);
    const art = new Peer(await stand(house('banner-art')));
    await art.until(/#.*%.*>.*\$[\s\S]*login: $/);
    const nop = new Peer(await stand(house('nop-sb')));
    const first = (await once(nop.socket, 'data'))[0] as Buffer;
    assert.deepEqual([...first.subarray(0, 4)], [255, 241, 255, 250]);
    const only = new Peer(await stand(house('password-only')));
    await only.until(/^[^A-Za-z]*Password: $/);
    const flood = new Peer(await stand(house('garbage')));
    await flood.until(/[\s\S]{4096}/);
    const silent = new Peer(await stand(house('silent')));
    const tar = new Peer(await stand(house('tarpit')));
    const closed = new Peer(await stand(house('closes')));
    await closed.closed;
    assert.equal(silent.text + tar.text + closed.text, '');
    for (const peer of [slow, art, nop, only, flood, silent, tar]) peer.socket.destroy();
  });

  it('HTTP: asks, refuses, lets in, says model and firmware, counts what comes after', async () => {
    const at = await stand(house('basic', { device: 'd0002', id: 'x1', model: 'tn-1600' }));
    assert.match(await ask(at), /401 Unauthorized\r\nServer: TN-1600\r\nWWW-Authenticate: Basic realm="TN-1600"/);
    assert.match(await ask(at, 'admin:no'), /^HTTP\/1.1 401/);
    const peer = new Peer(at);
    peer.socket.write(request('admin:admin'));
    await peer.until(/200 OK[\s\S]*<title>TN-1600<\/title>/);
    peer.socket.write('GET /more');
    await sleep(20);
    assert.equal(houses.tally().devices.d0002?.bytesAfterSuccess, 9);
    peer.socket.destroy();
    const firm = { ...at, condition: { ...at.condition, firmware: '1.04.12' } };
    assert.match(await ask(await stand(firm)), /Server: TN-1600\/FW 1\.04\.12\r\n/);
  });

  it('HTTP: each trap springs as promised', async () => {
    assert.match(await ask(await stand(house('http-anything')), 'a:b'), /^HTTP\/1.1 200/);
    assert.match(await ask(await stand(house('portal'))), /^HTTP\/1.1 302[\s\S]*Location: http:/);
    const broken = await stand(house('error-500'));
    assert.match(await ask(broken), /^HTTP\/1.1 401/);
    assert.match(await ask(broken, 'a:b'), /^HTTP\/1.1 500/);
    assert.match(await ask(await stand(house('login-page')), 'a:b'), /^HTTP\/1.1 200[\s\S]*Please sign in/);
    const lock = await stand(house('lockout-403'));
    for (let i = 0; i < 3; i++) assert.match(await ask(lock, 'a:b'), /^HTTP\/1.1 401/);
    assert.match(await ask(lock, 'a:b'), /^HTTP\/1.1 403/);
    assert.match(await ask(lock, 'admin:admin'), /^HTTP\/1.1 403/);
  });

  it('counts connections open on one address together, and not those that were closed before', async () => {
    const at = await stand(house('silent'));
    for (let i = 0; i < 5; i++) {
      const peer = new Peer(at);
      await once(peer.socket, 'connect');
      peer.socket.resetAndDestroy();
    }
    await sleep(20);
    const alone = houses.tally().mostOpenOnOneAddress;
    assert.equal(alone, 1);
    const two = [new Peer(at), new Peer(at)];
    await Promise.all(two.map(p => once(p.socket, 'connect')));
    await sleep(20);
    assert.equal(houses.tally().mostOpenOnOneAddress, 2);
    for (const peer of two) peer.socket.destroy();
  });

  it('says which device cannot listen, and placing twice changes nothing', async () => {
    const at = await stand(house('silent'));
    const rival = { ...at, device: 'rival', id: 'rival' };
    assert.deepEqual(await houses.replace('rival', [rival]), [{ id: 'rival', code: 'EADDRINUSE' }]);
    const peer = new Peer(at);
    await once(peer.socket, 'connect');
    await houses.place([at]);
    assert.equal(peer.socket.destroyed, false);
    assert.equal(houses.tally().listening, 1);
    peer.socket.destroy();
  });
});
