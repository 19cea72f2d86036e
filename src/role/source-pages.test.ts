/** The page and the probe description that a source address serves, over a real socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labBody, labClocks, makeLab, NOW } from '../../test/mandate/lab-paper.ts';
import { DAY, isoOf } from '../record/instant.ts';
import { serveSourcePages } from './source-pages.ts';

const isps = [{ isp: 'isp-a', prefixes: ['127.64.0.0/24'] }];
const sources = (...addresses: string[]) => ({
  ...labBody(isps).sources,
  addresses,
});

test('each source of this machine describes itself as RFC 9511 asks, and says so when the mandate has ended', async () => {
  const lab = makeLab({
    isps,
    body: {
      sources: sources('127.64.9.1', '192.0.2.250', '127.64.9.2'),
      organisation: { name: 'Survey <Office>', contact: 'survey@example.jp' },
    },
  });
  const clocks = labClocks();
  const pages = await serveSourcePages({ mandate: lab.mandate }, clocks, 8089);
  try {
    assert.deepEqual(pages.urls, ['http://127.64.9.1:8089', 'http://127.64.9.2:8089']);
    assert.deepEqual(pages.elsewhere, ['192.0.2.250']);
    const described = await fetch('http://127.64.9.2:8089/.well-known/probing.txt');
    assert.equal(described.status, 200);
    assert.match(described.headers.get('content-type') ?? '', /^text\/plain/);
    const text = await described.text();
    const fields = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    assert.deepEqual(
      fields.map(line => line.slice(0, line.indexOf(':'))),
      ['Canonical', 'Canonical', 'Contact', 'Expires', 'Preferred-Languages', 'Description'],
    );
    assert.match(text, /^Canonical: http:\/\/127\.64\.9\.2:8089\/\.well-known\/probing\.txt$/m);
    assert.match(text, /^Contact: mailto:survey@example\.jp$/m);
    assert.ok(text.includes(`Expires: ${isoOf(NOW + 20 * DAY)}\n`));
    const page = await fetch('http://127.64.9.1:8089/');
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    const html = await page.text();
    assert.match(html, /Survey &lt;Office&gt;/);
    assert.match(html, /To be left out[\s\S]*survey@example\.jp/);
    assert.match(html, /止めてほしいとき/);
    assert.equal((await fetch('http://127.64.9.1:8089/elsewhere')).status, 404);
    assert.equal((await fetch('http://127.64.9.1:8089/', { method: 'POST', body: 'x' })).status, 404);

    clocks.pass(21 * DAY);
    assert.equal((await fetch('http://127.64.9.1:8089/.well-known/probing.txt')).status, 404);
    assert.match(await (await fetch('http://127.64.9.1:8089/')).text(), /No mandate is in force now/);
  } finally {
    await pages.close();
    lab.remove();
  }
});

test('a port that is taken, sources of other machines, and paper that does not hold are named', async () => {
  const lab = makeLab({ isps, body: { sources: sources('127.64.9.3') } });
  const clocks = labClocks();
  const first = await serveSourcePages({ mandate: lab.mandate }, clocks, 8090);
  try {
    await assert.rejects(serveSourcePages({ mandate: lab.mandate }, clocks, 8090), /port 8090 of 127\.64\.9\.3/);
    const other = makeLab({ isps, body: { sources: sources('198.51.100.77') } });
    await assert.rejects(serveSourcePages({ mandate: other.mandate }, clocks, 8090), /is an address of this machine/);
    other.remove();
    const late = labClocks(NOW + 300 * DAY);
    await assert.rejects(serveSourcePages({ mandate: lab.mandate }, late, 8091), /the mandate expired/);
  } finally {
    await first.close();
    lab.remove();
  }
});
