/** A process that uses the embedded server of the folder it is given, on a port if told so, until SIGTERM. Prints one line once it is in. */
import { startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../../src/embedded-postgres/superuser.ts'
import { silentLog } from '../../src/observe/log.ts'

const [dataDir = '', how] = process.argv.slice(2)
const embedded = await startEmbedded({ dataDir, log: silentLog, tcp: how === 'tcp' })
const idle = setInterval(() => {}, 60_000)
process.once('SIGTERM', () => {
  clearInterval(idle)
  void embedded.release()
})
// Last: whoever reads it may send the signal at once.
process.stdout.write(
  `${JSON.stringify({ url: embedded.url, superuserUrl: await superuserUrl(embedded), adopted: embedded.adopted })}\n`,
)
