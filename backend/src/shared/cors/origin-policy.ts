/** Decides which foreign origins may call the API from a browser. */
export interface OriginPolicy {
  allows(origin: string): boolean;
  /** Whether any origin is allowed, so that cookies must not be. */
  readonly anyOrigin: boolean;
}

/**
 * @param entries origins (`https://app.example.com`), `*.example.com` or `https://*.example.com` for subdomains of any
 *   depth (not the domain itself), or `*`
 */
export function originPolicy(entries: readonly string[]): OriginPolicy {
  const patterns = entries
    .map((entry) => entry.trim().replace(/\/$/, '').toLowerCase())
    .filter((entry) => entry !== '');
  return {
    anyOrigin: patterns.includes('*'),
    allows(origin) {
      const candidate = origin.toLowerCase();
      return URL.canParse(candidate) && patterns.some((pattern) => matches(pattern, candidate));
    },
  };
}

function matches(pattern: string, origin: string): boolean {
  if (pattern === '*' || pattern === origin) return true;
  const wildcard = /^(?:(https?:)\/\/)?\*(\.[^*/:]+)(?::(\d+))?$/.exec(pattern);
  if (!wildcard) return false;
  const [, scheme, suffix = '', port] = wildcard;
  const url = new URL(origin);
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    (scheme === undefined || url.protocol === scheme) &&
    (port === undefined || url.port === port) &&
    url.hostname.endsWith(suffix)
  );
}
