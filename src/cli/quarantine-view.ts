/** Quarantine for people: the address, size and time of a delivery, and nothing of its content. */
import { counted } from '../base/duration.ts'
import type { QuarantineView } from '../quarantine/ports.ts'
import type { VerifiedAgain } from '../quarantine/verify-again.ts'
import { momentText } from './when.ts'

export const quarantineTitles = ['ID', 'TENANT', 'SIGNATURE', 'BYTES', 'DELIVERIES', 'RECEIVED']

export function quarantineRow(view: QuarantineView): readonly string[] {
  const { id, signature, bytes, deliveries, receivedAt } = view
  return [
    id,
    tenantText(view),
    signature,
    String(bytes),
    String(deliveries),
    momentText(new Date(receivedAt)),
  ]
}

export function quarantineText(view: QuarantineView & { readonly verifies: boolean }): string {
  const facts = [
    ['Delivery', view.id],
    ['Tenant', tenantText(view)],
    ['Integration', view.asked === '*' ? 'all' : view.asked],
    ['Signature', view.signature],
    ['Verifies now', view.verifies ? 'yes' : 'no'],
    ['Bytes', String(view.bytes)],
    ['Received', momentText(new Date(view.receivedAt))],
    ['Last', momentText(new Date(view.lastDeliveryAt))],
    ['Deliveries', String(view.deliveries)],
  ]
  return facts.map(([name = '', value = '']) => `${name.padEnd(12)} ${value}`).join('\n')
}

export function verifiedText({ admitted, stillWrong, unreadable }: VerifiedAgain): string {
  const lines = admitted.map(
    ({ tenant, event = '(pruned)', duplicate, runs }) =>
      `${tenant} ${event}: ${duplicate ? 'was here already' : counted(runs, 'run')}`,
  )
  const rest = [
    `Admitted: ${admitted.length}. Still failing: ${stillWrong}.`,
    ...(unreadable === 0
      ? []
      : [`Encrypted with a key that is missing here: ${unreadable}. Add the key to ENCRYPTION_KEYS again.`]),
  ]
  return [...lines, ...rest].join('\n')
}

function tenantText({ tenant }: QuarantineView): string {
  return tenant ?? '(not recognised)'
}
