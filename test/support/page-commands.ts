/** The commands of a page of the documentation, run as they stand there: what is written down is what is tried. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const root = new URL('../../', import.meta.url)
const execute = promisify(execFile)

/** The blocks of shell commands below this heading, up to the next one. */
export async function commandsBelow(page: string, heading: string): Promise<readonly string[]> {
  const text = await readFile(new URL(page, root), 'utf8')
  const section = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`${page} has no "${heading}"`)
  return Array.from(section.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm), ([, block = '']) => block)
}

export interface PageRun {
  readonly cwd: string
  /** What stands in the page → what it is here. */
  readonly instead: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

/** Runs a block, but for the lines that start this product, which tests start in their own way. */
export async function runBlock(block: string, { cwd, instead, env = {}, user }: PageRun): Promise<void> {
  const lines = block.split('\n').filter((line) => !/(^| )(npx|npm) /.test(line))
  const script = Object.entries(instead).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the commands do not name ${from}`)
    return text.replaceAll(from, to)
  }, lines.join('\n'))
  const options = { cwd, env: { PATH: process.env['PATH'], ...env }, ...user }
  await execute('/bin/sh', ['-eu', '-c', script], options)
}
