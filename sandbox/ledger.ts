/** What was made in the outside world: the witness that every promise about "exactly one" is held against. */
import type { CallLog } from './call-log.ts'
import type { StoredDocument } from './hibob/document-store.ts'
import type { Employee } from './hibob/employee-store.ts'
import type { HibobStore } from './hibob/store.ts'
import type { TableRow } from './hibob/table-store.ts'
import type { Comment } from './pinpoint/comment-store.ts'
import type { Leak } from './pinpoint/files.ts'
import type { PinpointStore } from './pinpoint/store.ts'
import type { ReceivedDelivery, ReceiverStore } from './receiver/receiver.ts'
import { personIn, type WrongPerson, wrongPerson } from './wrong-person.ts'

export interface Ledger {
  readonly counts: {
    readonly applications: number
    /** Employees made through the API; those seeded are not counted. */
    readonly employees: number
    readonly documents: number
    readonly comments: number
    /** Verified deliveries, each id once. */
    readonly deliveries: number
    readonly leaks: number
  }
  /** What exists twice although it should once. All empty: the promise held. */
  readonly twins: {
    /** Ids of employees of one company that are one person, whatever e-mail each has by now. */
    readonly employees: readonly (readonly string[])[]
    /** Ids of documents of one employee with the same content. */
    readonly documents: readonly (readonly string[])[]
    /** Ids of comments on one application with the same text. */
    readonly comments: readonly (readonly string[])[]
  }
  /** What is, or hangs on, somebody else's record. Found out when it is asked for. */
  readonly wrongPerson: WrongPerson
  readonly employees: readonly Employee[]
  readonly documents: readonly StoredDocument[]
  /** Of employees' dated tables, without those that HiBob makes by itself. */
  readonly rows: readonly TableRow[]
  readonly comments: readonly Comment[]
  readonly deliveries: readonly ReceivedDelivery[]
  readonly leaks: readonly Leak[]
  /** `hibob people.create 200` → how many. */
  readonly calls: Readonly<Record<string, number>>
}

export interface LedgerSources {
  readonly pinpoint: PinpointStore
  readonly hibob: HibobStore
  readonly receivers: ReceiverStore
  readonly calls: CallLog
  readonly leaks: readonly Leak[]
}

export function readLedger({ pinpoint, hibob, receivers, calls, leaks }: LedgerSources): Ledger {
  const employees = hibob.employees()
  const documents = hibob.documents()
  const comments = pinpoint.comments()
  const deliveries = receivers.deliveries()
  return {
    counts: {
      applications: pinpoint.applicationCount(),
      employees: employees.filter((employee) => !employee.seeded).length,
      documents: documents.length,
      comments: comments.length,
      deliveries: deliveries.filter((delivery) => delivery.verified && !delivery.repeated).length,
      leaks: leaks.length,
    },
    twins: {
      employees: twins(employees, (one) => `${one.company} ${personIn(pinpoint.people, one)}`),
      documents: twins(documents, (one) => `${one.employeeId} ${one.sha256}`),
      comments: twins(comments, (one) => `${one.tenant} ${one.applicationId} ${one.bodyText}`),
    },
    get wrongPerson() {
      return wrongPerson(pinpoint.people, { employees, documents, comments })
    },
    employees,
    documents,
    rows: hibob.rows(),
    comments,
    deliveries,
    leaks: [...leaks],
    calls: calls.counts(),
  }
}

function twins<Thing extends { readonly id: string }>(
  things: readonly Thing[],
  same: (thing: Thing) => string,
) {
  const groups = Map.groupBy(things, same)
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.map(({ id }) => id))
}
