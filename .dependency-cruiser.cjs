// The house of docs/decisions/0002: arrows only point down this list, no circles, type imports counted.
const floors = [
  'main.ts',
  'cli',
  'lambda',
  'app.ts',
  'compose',
  'seams.ts',
  'http',
  'store',
  'outbound',
  'runs',
  'integrations',
  'tenants',
  'intake',
  'sdk',
  'pinpoint',
  'config',
  'observe',
  'base',
]
const room = (name) => (name.endsWith('.ts') ? `^src/${name.replace('.', '\\.')}$` : `^src/${name}/`)
const upward = floors.slice(1).map((name, index) => ({
  name: `only-down-from-${name}`,
  severity: 'error',
  from: { path: room(name) },
  to: {
    path: floors
      .slice(0, index + 1)
      .map(room)
      .join('|'),
  },
}))

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...upward,
    {
      name: 'core-knows-no-adapter',
      comment: 'intake, runs and tenants declare ports; store and outbound implement them',
      severity: 'error',
      from: { path: '^src/(intake|runs|tenants)/' },
      to: { path: 'node_modules/(pg|pg-boss|kysely|hono|undici|@hono)/|^src/integrations/' },
    },
    {
      name: 'intake-never-runs',
      severity: 'error',
      from: { path: '^src/intake/' },
      to: { path: '^src/(runs|integrations|sdk)/' },
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
      name: 'sql-stands-in-store',
      severity: 'error',
      from: { path: '^src/(?!store/)' },
      to: { path: 'node_modules/(pg|pg-boss|kysely)/' },
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
