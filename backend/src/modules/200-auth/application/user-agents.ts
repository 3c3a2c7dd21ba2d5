import { createHash } from 'node:crypto';
import Bowser from 'bowser';
import { networkOf } from '../../../shared/platform/network-of.js';

export interface DeviceDescription {
  /** `Firefox 141`, or the product that a program names first: `curl 8.5.0`. */
  readonly browser: string;
  readonly os: string;
  /** `desktop`, `mobile`, `tablet`, …; empty when nothing says so. */
  readonly device: string;
}

const UNKNOWN = 'Unknown';
const PRODUCT = /^([\w.-]{1,40})(?:\/v?([\d.]{1,20}))?/;

/** What a User-Agent header says of the browser and the machine; it may say anything, so it proves nothing. */
export function describeUserAgent(userAgent: string): DeviceDescription {
  const text = userAgent.slice(0, 512);
  if (text.trim() === '') return { browser: UNKNOWN, os: UNKNOWN, device: '' };
  const { browser, os, platform } = Bowser.parse(text);
  const [, product = UNKNOWN, version = ''] = PRODUCT.exec(text) ?? [];
  const known = browser.name !== undefined && browser.name !== '' && text.startsWith('Mozilla/');
  return {
    browser: known ? joined(browser.name, majorOf(browser.version)) : namedProduct(product, version),
    os: joined(os.name ?? '', os.versionName ?? os.version ?? '') || UNKNOWN,
    device: platform.type ?? '',
  };
}

/**
 * SHA-256 over what a device says of itself, without versions, and its network: stays the same over updates, changes
 * when somebody comes from elsewhere.
 */
export function fingerprintOf(userAgent: string, ip: string): Buffer {
  const { browser, os, device } = describeUserAgent(userAgent);
  const withoutVersion = (text: string) => text.replace(/ [\d.]+$/, '');
  const parts = [withoutVersion(browser), os.split(' ')[0] ?? '', device, networkOf(ip)];
  return createHash('sha256').update(parts.join('\n')).digest();
}

/** Every browser says Mozilla; on its own it says nothing. */
function namedProduct(product: string, version: string): string {
  return product === 'Mozilla' ? UNKNOWN : joined(product, version);
}

function majorOf(version: string | undefined): string {
  return version?.split('.', 1)[0] ?? '';
}

function joined(name: string | undefined, version: string): string {
  return `${name ?? ''} ${version}`.trim();
}
