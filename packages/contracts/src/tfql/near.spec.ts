import { describe, expect, it } from 'vitest';
import { nearNames } from './index.js';

describe('nearNames', () => {
  it('finds what was meant, nearest first', () => {
    expect(nearNames('http.ruote', ['http.route', 'http.method', 'route'])).toEqual(['http.route']);
    expect(nearNames('span', ['spans', 'logs', 'scan'])).toEqual(['spans', 'scan']);
    expect(nearNames('constructor', ['logs'])).toEqual([]);
  });
});
