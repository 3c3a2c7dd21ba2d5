/** The rows of the table: what is sent, how, and by how many. */

const usual = {
  signal: 'traces',
  protocol: 'http',
  encoding: 'protobuf',
  compression: 'gzip',
  items: 500,
  clients: 8,
  tenants: 1,
  /** Requests in a full run and in a quick one; none: left out there. */
  requests: [600],
  templates: 32,
};

const scenario = (name, title, changes) => ({ name, title, ...usual, ...changes });

/** Against which all others are judged; the load of `half` is a half of its rate. */
export const HEADLINE = 'spans';

export const SCENARIOS = [
  scenario('spans', 'spans, gzip over HTTP, 500 per request, 8 clients', { requests: [1200, 500], floor: true }),
  scenario('logs', 'logs', { signal: 'logs', requests: [1200, 500], floor: true }),
  scenario('metrics', 'metric points', { signal: 'metrics', requests: [1200, 500], floor: true }),
  scenario('half', 'spans at half of that rate', { seconds: [15, 8] }),
  scenario('grpc', 'spans over gRPC', { protocol: 'grpc' }),
  scenario('json', 'spans as JSON', { encoding: 'json', requests: [300], templates: 8 }),
  scenario('uncompressed', 'spans, not compressed', { compression: 'none' }),
  scenario('zstd', 'spans, zstd', { compression: 'zstd' }),
  scenario('tenants-10', 'spans, 10 tenants', { tenants: 10 }),
  scenario('tenants-100', 'spans, 100 tenants', { tenants: 100 }),
  scenario('tenants-1000', 'spans, 1 000 tenants', { tenants: 1000, requests: [1000] }),
  scenario('clients-10', 'spans, 10 clients', { clients: 10 }),
  scenario('clients-1000', 'spans, 1 000 clients', { clients: 1000, requests: [1500] }),
  scenario('items-1', 'spans, 1 per request, 64 clients', {
    items: 1,
    clients: 64,
    requests: [10_000],
    templates: 500,
  }),
  scenario('items-8000', 'spans, 8 000 per request', { items: 8000, requests: [75], templates: 4 }),
  scenario('series-100k', 'metric points of 100 000 series', { signal: 'metrics', templates: 200 }),
];

/**
 * The chosen scenarios in their order, each with its number of requests or seconds.
 *
 * @throws Error that names what there is when a name is unknown
 */
export function chosenScenarios(only, quick) {
  const names = only === undefined ? undefined : new Set(only.split(','));
  const known = [...SCENARIOS.map(({ name }) => name), 'idle'];
  const unknown = [...(names ?? [])].find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no scenario "${unknown}". There are: ${known.join(', ')}.`);
  const size = (sizes) => sizes?.[quick ? sizes.length - 1 : 0];
  return SCENARIOS.filter(({ name, requests, seconds }) =>
    names === undefined ? !quick || (seconds ?? requests).length > 1 : names.has(name),
  ).map((one) => ({ ...one, requests: size(one.requests), seconds: size(one.seconds) }));
}
