// The house of docs/decisions/0053: a room for each idea. Arrows only point down this list, no circles, type imports counted.
const rooms = [
  'main.ts',
  'cli',
  'lambda',
  'app',
  'http',
  'doctor',
  'backup',
  'privacy',
  'access',
  'operator',
  'parking',
  'sweeps',
  'quarantine',
  'worker',
  'dispatch',
  'intake',
  'effects',
  'limits',
  'runs',
  'hires',
  'tenants',
  'queue',
  'keys',
  'integrations',
  'sdk',
  'mapping',
  'embedded-postgres',
  'postgres',
  'pinpoint',
  'outbound',
  'config',
  'observe',
  'base',
]
const room = (name) => (name.endsWith('.ts') ? `^src/${name.replace('.', '\\.')}$` : `^src/${name}/`)
const upward = rooms.slice(1).map((name, index) => ({
  name: `only-down-from-${name}`,
  severity: 'error',
  from: { path: room(name) },
  to: {
    path: rooms
      .slice(0, index + 1)
      .map(room)
      .join('|'),
  },
}))
const store = '^src/[^/]+/store/'
const sql = `${store}|^src/(postgres|backup|embedded-postgres)/`

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...upward,
    {
      name: 'no-other-room',
      comment: 'a new room needs its place in the list',
      severity: 'error',
      from: { path: '^src/', pathNot: rooms.map(room).join('|') },
      to: {},
    },
    {
      name: 'a-store-is-behind-its-port',
      comment:
        'only the composition knows which adapter stands behind a port; stores use the stores below them',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/app/|${store}` },
      to: { path: store },
    },
    {
      name: 'sql-stands-in-store',
      severity: 'error',
      from: { path: '^src/', pathNot: sql },
      to: { path: 'node_modules/pg/' },
    },
    {
      name: 'pg-boss-stands-in-queue',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/queue/store/' },
      to: { path: 'node_modules/pg-boss/' },
    },
    {
      name: 'the-outside-is-called-from-outbound',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/outbound/' },
      to: { path: 'node_modules/undici/' },
    },
    {
      name: 'an-integration-is-one-folder',
      severity: 'error',
      from: { path: '^src/integrations/([^/]+)/' },
      to: { path: '^src/', pathNot: '^src/(sdk/index\\.ts$|integrations/$1/)' },
    },
    {
      name: 'sdk-does-not-import-its-face',
      severity: 'error',
      from: { path: '^src/sdk/' },
      to: { path: '^src/sdk/index\\.ts$' },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { path: '^(src|sandbox)/' },
      to: { path: '^test/' },
    },
    {
      name: 'sandbox-stands-alone',
      comment: 'but for the crash kit, which starts the service in order to kill it',
      severity: 'error',
      from: { path: '^sandbox/(?!crash-kit/)' },
      to: { path: '^src/', pathNot: '^src/base/' },
    },
    {
      name: 'crash-kit-stays-outside',
      comment: 'the product and the rest of the sandbox run without it',
      severity: 'error',
      from: { path: '^(src/|sandbox/(?!crash-kit/))' },
      to: { path: '^sandbox/crash-kit/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
