#!/usr/bin/env node
// Starts the program under Node 24 whatever Node this machine has: an older one runs the one that npm has installed.
import { spawn } from 'node:child_process'
import module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = new URL('../src/main.ts', import.meta.url)
// As in package.json and deploy/. V8 would take 134 MB for its young generation in a busy minute, and keep them; without a limit of its
// own it lets garbage grow with the memory of the machine; and a signal would open the debugger to every user of the machine.
const options = ['--max-old-space-size=1024', '--max-semi-space-size=8', '--disable-sigusr1']

if (Number(process.versions.node.split('.')[0]) >= 24) await startHere()
else runUnder(installedNode())

async function startHere() {
  // As main.ts does, and before it is read: with everything in the cache, what Node strips types with is never loaded,
  // which is a tenth of the memory.
  module.enableCompileCache(
    fileURLToPath(new URL('../node_modules/.cache/pinpoint-webhooks', import.meta.url)),
  )
  await import(main.href)
}

function installedNode() {
  const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'))
  return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

function runUnder(node) {
  // The extra channel tells the program when this process is gone, however it went.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const program = spawn(node, [...options, fileURLToPath(main), ...process.argv.slice(2)], { stdio })
  process.on('SIGTERM', () => program.kill('SIGTERM'))
  // A terminal sends Ctrl-C to both of us.
  process.on('SIGINT', () => process.stdin.isTTY || program.kill('SIGINT'))
  program.on('error', (error) => {
    console.error(`Node 24 could not be started (${error.code}). Run: npm ci`)
    process.exitCode = 70
  })
  program.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}
