/** A gauge of the notices of `/readyz`, read at each scrape, so that alerts can use them. */
import { Gauge, type Registry } from 'prom-client'

/** The names of the current notices. */
export type ReadNotices = () => Promise<readonly { readonly name: string }[]>

/** Returns the function that sets the source, since the service is composed after its metrics. Before, there are none. */
export function addNoticesGauge(registry: Registry): (read: ReadNotices) => void {
  let read: ReadNotices = async () => []
  new Gauge({
    name: 'pinpoint_webhooks_notices',
    help: 'Notices of /readyz by name (inbox, connections, destinations, quotas, tenants, disk): 1 while it is shown',
    labelNames: ['name'],
    registers: [registry],
    async collect() {
      const notices = await read()
      // After the await and in one step: another scrape may read in between.
      this.reset()
      for (const { name } of notices) this.set({ name }, 1)
    },
  })
  return (from) => {
    read = from
  }
}
