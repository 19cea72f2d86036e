import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { DAY, HOUR } from '../record/instant.ts';
import { doDeeds } from './deeds.ts';
import { openHomeLine } from './home-line.ts';
import { codeIn, type Deed, makeOwners, RATES } from './owners.ts';
import { browse, visitSite } from './visit.ts';
import { makeWorld } from './world.ts';

const SMALL = { seed: 'owners', addresses: 8_192, devices: 300 } as const;
const weakOf = (world: ReturnType<typeof makeWorld>) =>
  [...world.devices.values()].filter(d => d.conditions[0]?.is.guessable);
const codeOf = (n: number) => String(n).padStart(13, '0');

describe('owners', () => {
  it('act at about the published rates, letters more than mails, each on a later day', () => {
    const world = makeWorld(SMALL);
    const owners = makeOwners(world);
    const [device] = weakOf(world);
    const at = world.start + 11 * HOUR;
    const acting = { mail: 0, letter: 0 };
    const about = { isp: device!.line.isp, subscriber: device!.line.subscriber, kind: 'guessable', at } as const;
    for (let n = 0; n < 2_000; n++)
      for (const channel of ['mail', 'letter'] as const)
        if (owners.hear({ ...about, channel, code: codeOf(n) })) acting[channel]++;
    assert.ok(Math.abs(acting.mail / 2_000 - RATES.mail) < 0.05, `${acting.mail}`);
    assert.ok(Math.abs(acting.letter / 2_000 - RATES.letter) < 0.05, `${acting.letter}`);
    assert.deepEqual(owners.due(at + 10 * HOUR), []);
    const deeds = owners.due(at + 40 * DAY);
    assert.ok(deeds.every((d, i) => i === 0 || d.due >= (deeds[i - 1] as Deed).due));
    assert.ok(deeds.some(d => d.steps.join() === 'check,repair,check'));
    assert.ok(deeds.some(d => d.how === 'unplug' && !d.steps.includes('check')));
    assert.ok(deeds.some(d => d.steps.includes('ask')) && deeds.some(d => d.steps.includes('call')));
  });

  it('hear of one alert once, and go on where they were after an interruption', () => {
    const world = makeWorld(SMALL);
    const device = weakOf(world)[0]!;
    const hear = (owners: ReturnType<typeof makeOwners>, n: number) =>
      owners.hear({
        isp: device.line.isp,
        subscriber: device.line.subscriber,
        kind: 'guessable',
        channel: 'letter',
        code: codeOf(n),
        at: world.start,
      });
    const one = makeOwners(world);
    for (let n = 0; n < 50; n++) hear(one, n);
    for (let n = 0; n < 50; n++) assert.equal(hear(one, n), false);
    const two = makeOwners(world, JSON.parse(JSON.stringify(one.save())));
    assert.equal(hear(two, 3), false);
    assert.deepEqual(two.due(world.start + 60 * DAY), one.due(world.start + 60 * DAY));
  });

  it('who were written to by mistake repair nothing', () => {
    const world = makeWorld(SMALL);
    const owners = makeOwners(world);
    const stranger = [...world.lines.values()].find(line => !world.deviceOn(line.id))!;
    for (let n = 0; n < 200; n++)
      owners.hear({ ...stranger, kind: 'guessable', channel: 'letter', code: codeOf(n), at: world.start });
    const deeds = owners.due(world.start + 60 * DAY);
    assert.ok(deeds.length > 50 && deeds.every(d => d.device === null && d.steps.join() === 'ask'));
  });

  it('find the code in a text, and nothing that only looks like one', () => {
    assert.equal(codeIn('お知らせ番号 1234-5678-90123 です'), '1234567890123');
    assert.equal(codeIn('tel 0120-1234-5678, 91234-5678-90123, 1234-5678-901234'), undefined);
  });
});

describe('visits from the owner’s own line', () => {
  let site: Server;
  let siteUrl: string;
  const seen: string[] = [];
  let looks = 0;
  before(async () => {
    site = createServer((q, a) => {
      seen.push(`${q.method} ${q.url} ${q.socket.remoteAddress} ${q.headers.origin ?? '-'}`);
      if (q.url === '/c/1111111111111') return a.end('open');
      if (q.url === '/c/2222222222222') return a.end('closed case');
      if (q.url === '/c/1111111111111/recheck') return a.writeHead(303, { location: '/recheck/abc' }).end();
      if (q.url === '/c/2222222222222/recheck') return a.writeHead(303, { location: '/c/2222222222222' }).end();
      if (q.url === '/recheck/abc') return a.end(`<main data-result="${looks++ < 2 ? '' : 'fixed'}">`);
      if (q.url === '/contact') return a.writeHead(303, { location: '/contact/sent/Q' }).end();
      a.writeHead(404).end();
    });
    await new Promise<void>(ready => site.listen(0, '127.0.0.1', ready));
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  });
  after(() => new Promise(closed => site.close(closed)));

  it('open the page, press the button with an Origin, wait for the result', async () => {
    const visit = { siteUrl, code: '1111-1111-11111', fromAddress: '127.79.1.2' };
    assert.equal(await visitSite(visit), 'fixed');
    assert.equal(seen[0], 'GET /c/1111111111111 127.79.1.2 -');
    assert.equal(seen[1], `POST /c/1111111111111/recheck 127.79.1.2 ${siteUrl}`);
    assert.equal(await visitSite({ ...visit, code: '2222222222222' }), 'closed');
    assert.equal(await visitSite({ ...visit, code: '3333333333333' }), 'unknown');
  });

  it('through a home line come from that address too', async () => {
    const line = await openHomeLine(siteUrl, '127.79.9.9');
    assert.equal((await browse(new URL('/c/1111111111111', line.url), '127.0.0.1')).text, 'open');
    assert.match(seen.at(-1) ?? '', /GET \/c\/1111111111111 127\.79\.9\.9/);
    await line.close();
  });

  it('follow the steps of a deed in order and report what came of each', async () => {
    const world = makeWorld(SMALL);
    world.advance(world.start + 10 * HOUR);
    const device = weakOf(world)[0]!;
    const { isp, subscriber } = device.line;
    const base = { due: 0, isp, subscriber, device: device.id, code: '1111111111111', how: 'password' } as const;
    const calls: string[] = [];
    const done = await doDeeds(
      [
        { ...base, steps: ['call', 'repair', 'check', 'ask'] },
        { ...base, device: null, steps: ['ask'] },
        { ...base, subscriber: 'nobody', steps: ['check'] },
      ],
      {
        world,
        siteUrl,
        devices: { repair: async (id, how) => world.repair(id, how) },
        telephone: async call => {
          calls.push(call.topic);
        },
      },
    );
    assert.deepEqual(done, {
      repaired: 1,
      checks: [{ code: '1111111111111', repairedBefore: true, result: 'fixed' }],
      rechecks: new Set(['abc']),
      asked: 2,
      called: 1,
      trouble: [],
    });
    assert.deepEqual(calls, ['which-device']);
    assert.equal(world.conditionOf(device.id, world.now()).guessable, false);
  });

  it('report a site that is down as trouble, without giving up on the others', async () => {
    const world = makeWorld(SMALL);
    const device = weakOf(world)[0]!;
    const deed = { due: 0, ...device.line, device: device.id, code: '1', how: 'unplug', steps: ['check'] } as const;
    const devices = { repair: async () => true };
    const done = await doDeeds([deed], { world, siteUrl: 'http://127.0.0.1:9', devices });
    assert.equal(done.trouble.length, 1);
    assert.match(done.trouble[0] ?? '', /owner's visit failed/);
  });
});
