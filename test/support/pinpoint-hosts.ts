/**
 * Pinpoint's own host names, as a proxy resolves them that leads to a sandbox: calls to them count per address, as they do outside.
 */
import type { Sandbox } from '../../sandbox/index.ts'
import { openConnectProxy } from './connect-proxy.ts'

export interface PinpointHosts {
  /** The environment of a service that calls through the proxy, and the sandbox's HiBob directly. */
  readonly env: Readonly<Record<string, string>>
  urlOf(slug: string): string
  leadTo(sandbox: Sandbox): void
  close(): Promise<void>
}

export async function openPinpointHosts(slugs: readonly string[]): Promise<PinpointHosts> {
  const leads: Record<string, number> = {}
  const proxy = await openConnectProxy({ leads })
  const hostOf = (slug: string) => `${slug}.pinpointhq.com`
  return {
    env: { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.1,localhost' },
    urlOf: (slug) => `http://${hostOf(slug)}/pinpoint/${slug}/api/v1`,
    leadTo(sandbox) {
      for (const slug of slugs) leads[hostOf(slug)] = Number(new URL(sandbox.url).port)
    },
    close: () => proxy.close(),
  }
}
