/**
 * Evidence is minimal (research §5.8): no member of what a check returns, or of what leaves the prober, can hold text of a
 * device. Held twice: each member is classed here, and a new one does not compile until it is; and a device that says
 * something private everywhere finds none of it again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type {
  Evidence,
  Device as Identified,
  MatchedPair,
  Observation,
  SealedFinding,
} from '../../src/record/observation.ts';
import { OUTCOMES, REPORTED, RULE_CODES, VERDICTS } from '../../src/record/observation.ts';
import { type CheckResult, checkService, deviceOf } from '../../src/survey/credential/check.ts';
import { type Device, laboratory, station } from './station.ts';

/** There is no class for free text. `rule`: a word that only our own knowledge rules can bring. */
type Class =
  | 'number'
  | 'yes-no'
  | 'code'
  | 'codes'
  | 'address'
  | 'rule'
  | 'firmware'
  | 'hash'
  | 'ours'
  | 'sealed'
  | 'parts';
type Classed<T> = { readonly [member in keyof Required<T>]: Class };

const DEVICE: Classed<Identified> = {
  vendor: 'rule',
  model: 'rule',
  firmware: 'firmware',
  confidence: 'number',
  rule: 'rule',
};
const RESULT: Classed<CheckResult> = {
  verdict: 'code',
  reported: 'code',
  device: 'parts',
  firmwareState: 'code',
  kinds: 'codes',
  ruleCodes: 'codes',
  ordinal: 'number',
  source: 'parts',
  at: 'number',
  prompt: 'yes-no',
  clears: 'codes',
  tries: 'number',
  outcome: 'code',
  bytes: 'parts',
};
const OBSERVATION: Classed<Observation> = {
  id: 'hash',
  round: 'ours',
  shard: 'number',
  lineKey: 'hash',
  port: 'number',
  protocol: 'code',
  at: 'number',
  reported: 'code',
  prompt: 'yes-no',
  vendor: 'rule',
  model: 'rule',
  firmwareState: 'code',
  catalogueVersion: 'ours',
  clears: 'codes',
  isp: 'ours',
};
const EVIDENCE: Classed<Evidence> = {
  format: 'ours',
  kind: 'code',
  address: 'address',
  port: 'number',
  transport: 'code',
  protocol: 'code',
  source: 'parts',
  at: 'number',
  clockErrorMs: 'number',
  ruleCodes: 'codes',
  catalogueVersion: 'ours',
  device: 'parts',
};
const FINDING: Classed<SealedFinding> = {
  id: 'hash',
  round: 'ours',
  isp: 'ours',
  kind: 'code',
  lineKey: 'hash',
  port: 'number',
  protocol: 'code',
  at: 'number',
  vendor: 'rule',
  model: 'rule',
  ruleCodes: 'codes',
  sealed: 'sealed',
};
const PAIR: Classed<MatchedPair> = { findingId: 'hash', catalogueVersion: 'ours', ordinal: 'number' };

const CANARY = 'CANARY-private-0312345678';
const saysAll: Device = (socket, key, sight) =>
  socket.on('data', chunk => {
    const authorization = /^authorization: Basic (\S+)/im.exec(chunk.toString('latin1'))?.[1];
    const [user = '', password = ''] = Buffer.from(authorization ?? '', 'base64')
      .toString('latin1')
      .split(':');
    if (authorization !== undefined) sight.tried(user, password);
    const right = authorization !== undefined && user === key?.user && password === key.password;
    if (right) sight.accepted();
    const body = `<title>${CANARY} title</title>${CANARY} body`;
    const head = [
      `HTTP/1.1 ${right ? '200 OK' : '401 No'}`,
      `Server: TN-1600/FW 1.04.12`,
      `Set-Cookie: ${CANARY}-cookie=1`,
      `X-Owner: ${CANARY}`,
      ...(right ? [] : [`WWW-Authenticate: Basic realm="${CANARY} realm"`]),
      `Content-Length: ${body.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  });

test('a device that says something private everywhere finds none of it again, positive or not', async () => {
  for (const password of ['CNRY-11', 'Strong-and-long-enough-1']) {
    const lab = laboratory();
    const made = await station('127.77.7.1', 'http', saysAll, { user: 'admin', password });
    const result = await checkService(made.target, lab.deps);
    assert.equal(result.kinds.includes('guessable'), password === 'CNRY-11');
    assert.deepEqual([result.device.model, result.device.firmware], ['TN-1600', '1.04.12']);
    const kept = JSON.stringify(result) + lab.written();
    for (const text of ['CANARY', '0312345678', 'CNRY', 'Strong-and'])
      assert.ok(!kept.includes(text), `${text} was kept`);
    assert.deepEqual(Object.keys(result).sort(), Object.keys(RESULT).sort());
    assert.ok(Object.keys(result.device).every(member => member in DEVICE));
    assert.ok((OUTCOMES as readonly string[]).includes(result.outcome));
    assert.ok((VERDICTS as readonly string[]).includes(result.verdict));
    assert.ok((REPORTED as readonly string[]).includes(result.reported));
    for (const code of result.ruleCodes) assert.ok((RULE_CODES as readonly string[]).includes(code));
    await made.close();
    lab.close();
  }
});

test('of a device five members pass, and a firmware that is no version does not', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(fc.record({ vendor: text, model: text, rule: text, firmware: text, banner: text }), said => {
      const device = deviceOf({ ...said, confidence: 0.5 });
      assert.ok(Object.keys(device).every(member => member in DEVICE));
      if (device.firmware !== undefined) assert.match(device.firmware, /^[\w.-]{1,32}$/);
    }),
  );
  assert.equal(deviceOf({ confidence: 1, firmware: '1.04.12-b_3' }).firmware, '1.04.12-b_3');
  for (const firmware of ['', 'x'.repeat(33), '1.0 Taro Yamada', '1.0\n', '一.二'])
    assert.equal(deviceOf({ confidence: 1, firmware }).firmware, undefined, firmware);
});

test('what leaves the prober has no member for text of a device', () => {
  for (const classes of [DEVICE, RESULT, OBSERVATION, EVIDENCE, FINDING, PAIR])
    for (const [member, kind] of Object.entries(classes))
      assert.ok(!/banner|text|body|prompt$|cookie|password|user|secret/i.test(member) || kind === 'yes-no', member);
});
