import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateCredential, underscored } from '../domain/key-credential.js';
import { type CredentialHeaders, keyCredentialOf, presentsKey } from './key-headers.js';

const credential = generateCredential();
const other = generateCredential();

function carriers(keyId: string, keySecret: string): Record<string, CredentialHeaders> {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  return {
    'X-TelemetryFlow pair': { 'x-telemetryflow-key-id': keyId, 'x-telemetryflow-key-secret': keySecret },
    'X-API-Key pair': { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
    'bearer with colon': { authorization: `Bearer ${keyId}:${keySecret}` },
    'bearer with dot': { authorization: `bearer ${keyId}.${keySecret}` },
    'no scheme, dot': { authorization: `${keyId}.${keySecret}` },
    'no scheme, slash': { authorization: `${keyId}/${keySecret}` },
    'X-API-Key': { 'x-api-key': `${keyId}.${keySecret}` },
    basic: { authorization: basic(`${keyId}:${keySecret}`) },
    'doubled metadata, joined': {
      'x-api-key-id': `${keyId}, ${keyId}`,
      'x-api-key-secret': `${keySecret},${keySecret}`,
    },
    'doubled metadata, as an array': {
      authorization: [`Bearer ${keyId}:${keySecret}`, `Bearer ${keyId}:${keySecret}`],
    },
    'pair and bearer at once': {
      'x-telemetryflow-key-id': keyId,
      'x-telemetryflow-key-secret': keySecret,
      authorization: `Bearer ${keyId}:${keySecret}`,
    },
    'half a pair beside a bearer': { 'x-api-key-id': keyId, authorization: `Bearer ${keyId}:${keySecret}` },
  };
}

describe('keyCredentialOf', () => {
  it.each(Object.keys(carriers('', '')))('finds the key in: %s', (name) => {
    const hyphens = carriers(credential.keyId, credential.keySecret)[name]!;
    const underscores = carriers(underscored(credential.keyId), underscored(credential.keySecret))[name]!;
    expect(keyCredentialOf(hyphens)).toEqual(credential);
    expect(keyCredentialOf(underscores)).toEqual(credential);
    expect(presentsKey(hyphens)).toBe(true);
  });

  it.each<[string, CredentialHeaders]>([
    ['nothing', {}],
    [
      'two different ids',
      { 'x-api-key-id': `${credential.keyId}, ${other.keyId}`, 'x-api-key-secret': credential.keySecret },
    ],
    [
      'two different tokens',
      {
        authorization: [
          `Bearer ${credential.keyId}:${credential.keySecret}`,
          `Bearer ${other.keyId}:${other.keySecret}`,
        ],
      },
    ],
    ['an id alone', { authorization: `Bearer ${credential.keyId}` }],
    ['a secret alone', { 'x-api-key': credential.keySecret }],
    ['swapped halves', { 'x-api-key-id': credential.keySecret, 'x-api-key-secret': credential.keyId }],
    ['upper case', { 'x-api-key-id': credential.keyId.toUpperCase(), 'x-api-key-secret': credential.keySecret }],
    ['a JWT', { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln' }],
  ])('finds none in %s', (_, headers) => {
    expect(keyCredentialOf(headers)).toBeNull();
  });

  it('never throws, and never finds a key in noise', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(keyCredentialOf({ authorization: value, 'x-api-key': value, 'x-api-key-id': value })).toBeNull();
      }),
    );
  });
});

describe('presentsKey', () => {
  it('tells a key from a person’s token', () => {
    expect(presentsKey({ authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln' })).toBe(false);
    expect(presentsKey({})).toBe(false);
    expect(presentsKey({ authorization: 'Bearer tfk_broken' })).toBe(true);
    expect(presentsKey({ 'x-api-key': 'broken' })).toBe(true);
  });
});
