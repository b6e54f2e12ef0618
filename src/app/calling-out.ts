/** The one client to the outside of a process, with its calls measured. */
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config/environment.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createOutbound, type Outbound } from '../outbound/outbound.ts'

export function openOutbound(config: Config, metrics?: Metrics): Outbound {
  return createOutbound({
    allowPrivateNetwork: config.allowPrivateNetwork,
    privateDestinations: config.privateDestinations,
    clock: systemClock,
    proxies: config.proxies,
    vendorName: config.vendorName,
    onCall: ({ destination, bucket, status, milliseconds }) =>
      metrics?.outboundSeconds.observe({ destination, bucket, status: String(status) }, milliseconds / 1000),
  })
}
