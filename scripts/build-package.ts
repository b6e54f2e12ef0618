/**
 * Puts the npm package into dist/package: the sources as JavaScript with their types, laid out as the checkout is, so that
 * everything finds its neighbours at the place where it finds them there.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import ts from 'typescript'

import packageJson from '../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')
export const packageFolder = join(root, 'dist/package')

/** Taken as they are. */
const copied = ['migrations', 'LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md']

export async function buildPackage(folder: string = packageFolder): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  compile(folder)
  for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true })
  await copyProgram(folder)
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`)
}

/** What npm reads of the package. Not in it: what only the checkout can do. */
export function manifest() {
  const { name, version, description, license, type, sideEffects, bin, exports, dependencies } = packageJson
  const compiled = Object.entries(exports).map(([path, source]) => [
    path,
    { types: source.replace(/\.ts$/, '.d.ts'), default: source.replace(/\.ts$/, '.js') },
  ])
  return {
    ...{ name, version, description, license, type, sideEffects, bin },
    exports: Object.fromEntries(compiled) as Record<
      string,
      { readonly types: string; readonly default: string }
    >,
    dependencies,
    ...repository(),
  }
}

/** Provenance asks for it, and only the workflow knows where the project lives. */
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: path } = process.env
  return server === undefined || path === undefined
    ? {}
    : { repository: { type: 'git', url: `git+${server}/${path}.git` } }
}

function compile(folder: string): void {
  const configFile = join(root, 'tsconfig.build.json')
  const config = ts.getParsedCommandLineOfConfigFile(
    configFile,
    { outDir: folder },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (problem) => {
        throw new Error(textOf([problem]))
      },
    },
  )
  if (config === undefined) throw new Error(`${configFile} cannot be read`)
  const program = ts.createProgram(config.fileNames, config.options)
  const { diagnostics } = program.emit()
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics]
  if (problems.length > 0) throw new Error(textOf(problems))
}

function textOf(problems: readonly ts.Diagnostic[]): string {
  return ts.formatDiagnostics(problems, {
    getCurrentDirectory: () => root,
    getCanonicalFileName: (name) => name,
    getNewLine: () => '\n',
  })
}

/** It is JavaScript in the checkout, too, and starts the source there. */
async function copyProgram(folder: string): Promise<void> {
  const source = await readFile(join(root, packageJson.bin['pinpoint-webhooks']), 'utf8')
  const started = source.split("'../src/main.ts'")
  if (started.length !== 2) throw new Error('bin/pinpoint-webhooks.js no longer starts ../src/main.ts once')
  await mkdir(join(folder, 'bin'))
  const target = join(folder, packageJson.bin['pinpoint-webhooks'])
  await writeFile(target, started.join("'../src/main.js'"), { mode: 0o755 })
}

if (import.meta.main) await buildPackage()
