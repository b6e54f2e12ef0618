/** A gauge of what `/readyz` tells as notices, read when somebody scrapes: what an alert can be set on. */
import { Gauge, type Registry } from 'prom-client'

/** The names of the notices that there are now. */
export type ReadNotices = () => Promise<readonly { readonly name: string }[]>

/** Answers how the service says where they are read: it is composed after its metrics. Before that there are none. */
export function addNoticesGauge(registry: Registry): (read: ReadNotices) => void {
  let read: ReadNotices = async () => []
  new Gauge({
    name: 'pinpoint_webhooks_notices',
    help: 'Notices of /readyz by name (inbox, connections, destinations, quotas, tenants, disk): 1 while it is told',
    labelNames: ['name'],
    registers: [registry],
    async collect() {
      const notices = await read()
      // After the wait and at one go: another scrape may read in between.
      this.reset()
      for (const { name } of notices) this.set({ name }, 1)
    },
  })
  return (from) => {
    read = from
  }
}
