import { expect, it } from 'vitest';
import { ZxcvbnEstimator } from './zxcvbn-estimator.js';

const estimator = new ZxcvbnEstimator();

it.each([
  ['password1234', true],
  ['Password@2026', true],
  ['QWERTYUIOP123', true],
  ['zzzzzzzzzzzzzzzz', false],
  ['abcdefghijklm', false],
])('finds %s easy to guess', async (password, common) => {
  const estimate = await estimator.estimate(password, []);
  expect(estimate.score).toBeLessThan(3);
  expect(estimate.common).toBe(common);
});

it.each(['correct horse battery staple', 'kopi-susu-gula-aren', 'vX9#qLp2!mZt'])(
  'finds %s hard to guess',
  async (password) => expect(await estimator.estimate(password, [])).toEqual({ score: 4, common: false }),
);

it('gives nothing for what is known of the owner', async () => {
  const known = await estimator.estimate('zanzibarqueen', ['zanzibarqueen']);
  const unknown = await estimator.estimate('zanzibarqueen', []);
  expect(known.score).toBeLessThan(unknown.score);
});

it('looks at a bounded part of what it is given', async () => {
  const endless = 'a4@8({[</3!1|0$5'.repeat(1000);
  const sixtyFour = endless.slice(0, 64);
  const [long, short] = [
    await estimator.estimate(endless, [endless]),
    await estimator.estimate(sixtyFour, [sixtyFour]),
  ];
  expect(long.score).toBe(short.score);
});
