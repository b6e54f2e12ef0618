/** Starts the CLI, nothing else. What Node compiles is kept for the next start, which it halves. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Beside the packages: Node's own choice is below /tmp, where another user of this machine could prepare it for us. Where
// nothing can be written, it is compiled every time. https://nodejs.org/api/module.html#module-compile-cache
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/pinpoint-webhooks'))

const { main } = await import('./cli/main.ts')
process.exitCode = await main(process.argv.slice(2))
