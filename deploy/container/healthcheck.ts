// Asks the service in this container whether it is alive. Not the CLI: this loads nothing, and runs every half minute.
const { PORT = '8080' } = process.env
try {
  const answer = await fetch(`http://127.0.0.1:${PORT}/healthz`, { signal: AbortSignal.timeout(4_000) })
  if (!answer.ok) throw new Error(`it answered ${answer.status}`)
} catch (error) {
  process.stderr.write(`unhealthy: ${error instanceof Error ? error.message : 'unknown'}\n`)
  process.exitCode = 1
}
