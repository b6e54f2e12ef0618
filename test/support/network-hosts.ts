/**
 * Hosts of a test's own: network namespaces, each on a cable (veth) of its own to a switch (bridge) on this machine, on
 * which they reach what listens at `address`, one another, and nothing else. https://man7.org/linux/man-pages/man8/ip-netns.8.html
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'

export interface NetworkHost {
  readonly address: string
  /** Runs what follows on this host. */
  readonly within: readonly string[]
  /** Pulls the cable out: nobody is told anything. */
  cut(): void
  mend(): void
}

export interface Network<Name extends string> {
  /** This machine's, on the switch. */
  readonly address: string
  readonly hosts: Readonly<Record<Name, NetworkHost>>
  close(): void
}

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })

/** Only root may, and not in every container. Says why not. */
export function canMakeHosts(): boolean {
  const why = whyNoHosts()
  if (why !== undefined) process.stdout.write(`Skipped: network namespaces, since ${why}.\n`)
  return why === undefined
}

function whyNoHosts(): string | undefined {
  if (process.getuid?.() !== 0) return 'they need root'
  if (spawnSync('ip', ['-V']).error !== undefined) return 'iproute2 is not installed'
  try {
    openNetwork(['probe']).close()
    return undefined
  } catch {
    return 'this machine lets nobody make them'
  }
}

/** Names are random: several tests may do so at once. What was made is removed when the rest cannot be made. */
export function openNetwork<Name extends string>(names: readonly Name[]): Network<Name> {
  const id = randomBytes(4).toString('hex')
  const bridge = `pw${id}`
  // Of the addresses that are set aside for tests within one site: https://www.rfc-editor.org/rfc/rfc2544
  const subnet = `198.18.${randomInt(256)}`
  const host = (index: number) => ({ namespace: `pw-${id}-${index}`, cable: `pw${id}${index}` })
  const close = () => {
    process.off('exit', close)
    for (const [index] of names.entries()) {
      spawnSync('ip', ['netns', 'del', host(index).namespace])
      spawnSync('ip', ['link', 'del', host(index).cable])
    }
    spawnSync('ip', ['link', 'del', bridge])
  }
  // Whatever ends the tests.
  process.once('exit', close)
  try {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('addr', 'add', `${subnet}.1/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
    const hosts = names.map((name, index): [Name, NetworkHost] => {
      const { namespace, cable } = host(index)
      const address = `${subnet}.${index + 2}`
      ip('netns', 'add', namespace)
      ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
      ip('link', 'set', cable, 'master', bridge, 'up')
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
      ip('-n', namespace, 'link', 'set', 'eth0', 'up')
      ip('-n', namespace, 'link', 'set', 'lo', 'up')
      return [
        name,
        {
          address,
          within: ['ip', 'netns', 'exec', namespace],
          cut: () => ip('link', 'set', cable, 'down'),
          mend: () => ip('link', 'set', cable, 'up'),
        },
      ]
    })
    return {
      address: `${subnet}.1`,
      hosts: Object.fromEntries(hosts) as Record<Name, NetworkHost>,
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}
