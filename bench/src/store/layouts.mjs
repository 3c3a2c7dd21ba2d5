/** The scenarios and layouts of store-layout: rows as SQL expressions over the row number `n`. */

export const SCENARIOS = {
  'the same 10 keys, 1 tenant': { keys: 10, tenants: 1 },
  '10 of 1,000 keys, 1,000 tenants': { keys: 1000, tenants: 1000 },
};

const MAP = 'Map(LowCardinality(String), String)';
const VALUES = [
  `['GET','POST','PUT'][n % 3 + 1]`,
  `concat('/api/items/', toString(n % 40))`,
  `concat('/api/items/', toString(cityHash64(n, 11) % 5000))`,
  `['curl/8','Mozilla/5.0 (X11; Linux x86_64)','okhttp/4.12'][n % 3 + 1]`,
  `'shop.internal'`,
  `'1.1'`,
  `toString(cityHash64(n) % 20000)`,
  `toString([200,200,200,404,500][n % 5 + 1])`,
  `'8080'`,
  `if(n % 2 = 0, 'true', 'false')`,
];
/** Of the values, so many are text; then come two integers and a boolean. */
const TEXTS = 7;
const RESOURCE = `map(${Array.from({ length: 12 }, (_, i) => `'resource.key${i}', concat('value-${i}-', toString(n % 48))`).join(', ')})`;

/** The key of the j-th attribute: one name, or one of a hundred. */
const key = (j, { keys }) =>
  keys === 10 ? `'attr.key${j}.name'` : `concat('attr.key${j}.n', toString(cityHash64(n, ${j + 20}) % ${keys / 10}))`;

const base = ({ tenants }) => [
  [
    'tenant_id',
    'UUID',
    `toUUID(concat('00000000-0000-4000-8000-', leftPad(toString(cityHash64(n, 9) % ${tenants}), 12, '0')))`,
  ],
  ['timestamp', `DateTime64(9, 'UTC')`, `fromUnixTimestamp64Nano(1790000000000000000 + n * 100000)`],
  ['trace_id', 'FixedString(16)', `unhex(hex(cityHash64(intDiv(n, 8), 1)) || hex(cityHash64(intDiv(n, 8), 2)))`],
  ['span_id', 'FixedString(8)', `reinterpretAsFixedString(cityHash64(n, 3))`],
  ['name', 'LowCardinality(String)', `concat('GET /api/items/', toString(n % 40))`],
  ['service_name', 'LowCardinality(String)', `concat('service-', toString(n % 12))`],
  ['duration_ns', 'UInt64', `cityHash64(n, 4) % 1000000000`],
];
const resourceId = ['resource_id', 'UInt64', 'cityHash64(n % 48)'];
const map = (scenario) => [
  ['attributes', MAP, `mapFromArrays([${VALUES.map((_, j) => key(j, scenario)).join(', ')}], [${VALUES.join(', ')}])`],
  ['attribute_types', 'String', `'sssssssiib'`],
];
const json = (type) => (scenario) => [
  [
    'attributes',
    type,
    `concat('{', ${VALUES.map((value, j) => `'${j > 0 ? ',' : ''}"', ${key(j, scenario)}, '":', ${j < TEXTS ? `'"', ${value}, '"'` : value}`).join(', ')}, '}')::${type}`,
  ],
];

const BLOOM = ['mapKeys', 'mapValues']
  .map((part) => `, INDEX by_${part} ${part}(attributes) TYPE bloom_filter(0.01) GRANULARITY 1`)
  .join('');
const TEXT = BLOOM.replaceAll('bloom_filter(0.01) GRANULARITY 1', `text(tokenizer = 'array')`);
const bucketed = (strategy) =>
  `map_serialization_version = 'with_buckets', map_serialization_version_for_zero_level_parts = 'basic', max_buckets_in_map = 16, map_buckets_min_avg_size = 0, ${strategy}`;

const askMap = (k) => ({
  equality: `attributes['${k(1)}'] = '/api/items/7'`,
  'number >=': `toFloat64OrDefault(attributes['${k(7)}'], nan) >= 500`,
  'rare value': `attributes['${k(6)}'] = '12345'`,
});
const askJson = (k) => ({
  equality: `attributes.${k(1)}.:String = '/api/items/7'`,
  'number >=': `attributes.${k(7)}.:Int64 >= 500`,
  'rare value': `attributes.${k(6)}.:String = '12345'`,
});
/** Filters of a scenario, by name. */
export const filtersOf = (layout, scenario) =>
  LAYOUTS[layout].ask((j) => (SCENARIOS[scenario].keys === 10 ? `attr.key${j}.name` : `attr.key${j}.n17`));

const byMap = {
  attributes: map,
  ask: askMap,
  indexes: '',
  settings: '',
  insert: 'materialize_skip_indexes_on_insert = 0',
};
const atInsert = 'materialize_skip_indexes_on_insert = 1';

export const LAYOUTS = {
  'map, bloom filters made at insert': { ...byMap, indexes: BLOOM, insert: atInsert },
  'the same, a resource in every row': {
    ...byMap,
    indexes: BLOOM,
    insert: atInsert,
    resource: ['resource', MAP, RESOURCE],
  },
  'map, no index': byMap,
  'map, bloom filters made by merges': { ...byMap, indexes: BLOOM },
  'map, text indexes made by merges': { ...byMap, indexes: TEXT },
  'map in buckets, 1 for 2 keys, bloom filters made by merges (chosen)': {
    ...byMap,
    indexes: BLOOM,
    settings: bucketed(`map_buckets_strategy = 'linear', map_buckets_coefficient = 0.5`),
  },
  'map in buckets, 1 a key, bloom filters made by merges': {
    ...byMap,
    indexes: BLOOM,
    settings: bucketed(`map_buckets_strategy = 'linear', map_buckets_coefficient = 1`),
  },
  'JSON(max_dynamic_paths = 64)': { ...byMap, attributes: json('JSON(max_dynamic_paths = 64)'), ask: askJson },
  JSON: { ...byMap, attributes: json('JSON'), ask: askJson },
};

/** Name, type and expression of each column. */
export const columnsOf = (layout, scenario) => {
  const { attributes, resource } = LAYOUTS[layout];
  return [...base(SCENARIOS[scenario]), resource ?? resourceId, ...attributes(SCENARIOS[scenario])];
};
