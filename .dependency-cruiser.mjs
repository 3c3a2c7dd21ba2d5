/**
 * The house rules as errors: the number is the floor, layers are import rules, modules meet only through index.ts.
 * The front end's rules (features apart, ui and lib below them) are in .oxlintrc.json, which reads .vue files too.
 */
const floors = [
  '100',
  '200',
  '300',
  '400',
  '500',
  '600',
  '700',
  '800',
  '900',
  '1000',
  '1100',
  '1200',
  '1300',
  '1400',
  '1500',
];

const upward = floors.slice(0, -1).map((floor, index) => ({
  name: `floor-${floor}`,
  comment: 'A module imports only from lower floors; what travels upwards travels as an event.',
  severity: 'error',
  from: { path: `^backend/src/modules/${floor}-` },
  to: { path: `^backend/src/modules/(${floors.slice(index + 1).join('|')})-` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...upward,
    {
      name: 'through-the-index',
      comment: 'Another module is entered through its index.ts; module files may import module files.',
      severity: 'error',
      from: { path: '^backend/src/modules/([^/]+)/', pathNot: '\\.module\\.ts$|\\.spec\\.ts$' },
      to: {
        path: '^backend/src/modules/([^/]+)/',
        pathNot: ['^backend/src/modules/$1/', '^backend/src/modules/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'module-imports-module',
      comment: 'Only *.module.ts imports *.module.ts, besides the tests that assemble a part of the house.',
      severity: 'error',
      from: { pathNot: '\\.module\\.ts$|\\.spec\\.ts$|^backend/src/(main|bootstrap/)|/testing/' },
      to: { path: '\\.module\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^backend/src/modules/([^/]+)/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(backend|packages|node_modules)/',
        pathNot: ['^backend/src/modules/$1/domain/', '^backend/src/shared/platform/', '^packages/contracts/'],
      },
    },
    {
      name: 'application-knows-no-outside',
      severity: 'error',
      from: { path: '^backend/src/modules/[^/]+/application/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^backend/src/modules/[^/]+/(infrastructure|presentation)/' },
    },
    {
      name: 'shared-below-modules',
      severity: 'error',
      from: { path: '^backend/src/shared/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^backend/src/modules/' },
    },
    {
      name: 'lean-ingest-path',
      comment: 'No framework and no validation library on the way of a span.',
      severity: 'error',
      from: {
        path: '^(packages/otlp/src|backend/src/modules/400-telemetry/ingest)/',
        pathNot: '\\.spec\\.ts$|\\.module\\.ts$|/testing/',
      },
      to: { path: '^node_modules/(@nestjs|rxjs|zod)/' },
    },
    {
      name: 'packages-below-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(backend|frontend)/' },
    },
    {
      name: 'no-dev-dependency-in-the-product',
      severity: 'error',
      from: { path: '^(backend|packages/[^/]+)/src/', pathNot: '\\.spec\\.ts$|/testing/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    skipAnalysisNotInRules: true,
  },
};
