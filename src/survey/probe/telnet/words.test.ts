import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tailOf } from './screen.ts';
import { looksLikeShell, questionOf, saysLockedOut, saysRejected } from './words.ts';

const line = (text: string) => tailOf(text).line;

test('prompts of many makers are questions', () => {
  for (const text of [
    'login: ',
    'Router login:',
    'Username:',
    'User Name : ',
    'User: ',
    'Account:',
    'Username>',
    'Please enter your user ID: ',
  ])
    assert.equal(questionOf(line(text)), 'user', text);
  for (const text of [
    'Password: ',
    "admin's password:",
    'Enter Password>',
    'PIN:',
    'login password: ',
    'Password (# to cancel):',
    'Passwd:',
  ])
    assert.equal(questionOf(line(text)), 'password', text);
});

test('what is not a question is none', () => {
  for (const text of [
    '',
    '# ',
    'Welcome:',
    'user@camera:~> ',
    'login: admin',
    'Last login: Mon 3 from 192.0.2.1',
    'router> ',
    'Select: ',
  ])
    assert.equal(questionOf(line(text)), undefined, text);
});

test('shell prompts are told from art and sentences', () => {
  for (const text of ['# ', '$', '> ', '~ # ', 'root@dvr:/# ', '[root@cam ~]# ', 'router(config)# ', 'BusyBox% '])
    assert.ok(looksLikeShell(line(text)), text);
  for (const text of [
    '####',
    '# > #',
    '100%',
    '<b>',
    'see the manual on page 3 for more #',
    'Price in $ or %',
    '-----> ',
    '',
  ])
    assert.ok(!looksLikeShell(line(text)), text);
});

test('refusals and lockouts are told from history', () => {
  assert.ok(saysRejected('login incorrect'));
  assert.ok(saysRejected('% bad passwords'));
  assert.ok(!saysRejected('last failed login: mon 3\n# '));
  assert.ok(!saysRejected('welcome'));
  assert.ok(saysLockedOut('account locked for 300 s >'));
  assert.ok(saysLockedOut('please try again in 5 minutes'));
  assert.ok(!saysLockedOut('incorrect, try again:'));
});
