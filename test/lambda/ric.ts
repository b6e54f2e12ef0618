/**
 * AWS's own runtime interface client, which is what runs a function's code inside Lambda. It compiles for the better part
 * of a minute, so it is installed once for all test runs of this user, in a folder of its own.
 */
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const version = '4.0.2'
const { uid } = userInfo()
const cache = join(tmpdir(), `pinpoint-webhooks-lambda-${uid}`)
const installed = join(cache, `ric-${version}-${process.arch}-${process.versions.modules}`)
const program = join(installed, 'node_modules/aws-lambda-ric/index.mjs')

export type RuntimeClient =
  { readonly ok: true; readonly program: string } | { readonly ok: false; readonly because: string }

/** Says why tests are skipped: whoever reads the results should know what was not tested. */
export async function clientOrReason(): Promise<RuntimeClient> {
  const client = await runtimeClient()
  // eslint-disable-next-line no-console -- a skipped test has no other voice
  if (!client.ok) console.log(`Skipped: AWS's runtime interface client, because ${client.because}.`)
  return client
}

async function runtimeClient(): Promise<RuntimeClient> {
  if (process.platform !== 'linux') return { ok: false, because: 'it is for Linux only' }
  await mkdir(cache, { recursive: true, mode: 0o700 })
  // What lies in the shared temporary folder is run below, so it must be ours.
  if ((await stat(cache)).uid !== uid) return { ok: false, because: `${cache} belongs to somebody else` }
  if (!(await isThere(program))) {
    try {
      await install()
    } catch (error) {
      const told = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
      return {
        ok: false,
        because: `it could not be installed: ${told.trim().split('\n').slice(-3).join(' ')}`,
      }
    }
  }
  return { ok: true, program }
}

/** Under another name first: a run that is interrupted leaves nothing half done under the real one. */
async function install(): Promise<void> {
  const folder = await mkdtemp(join(cache, 'installing-'))
  try {
    await writeFile(join(folder, 'package.json'), '{"private":true}')
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${version}`], {
      cwd: folder,
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` },
    })
    await access(join(folder, 'node_modules/aws-lambda-ric/rapid-client.node'))
    await rename(folder, installed)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
