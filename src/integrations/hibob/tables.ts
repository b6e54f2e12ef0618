/**
 * HiBob's dated tables as targets of a mapping. A create makes the first rows of work and employment, on the start date, so their fields
 * go with it; a row of its own has any salary, and what is mapped to a later day. https://apidocs.hibob.com/reference/post_people-id-salaries
 */
import type { Target } from '../../sdk/index.ts'

export interface Column {
  /** Of the mapping. */
  readonly target: string
  readonly title: string
  /** HiBob's name of it within a row; of an amount and its currency the same. */
  readonly name: string
  readonly kind: 'amount' | 'currency' | 'item' | 'number' | 'text'
  readonly required: boolean
  /** The named list of its values. */
  readonly list?: string
  /** What HiBob documents to be in that list, for where it is not shown. */
  readonly documented?: readonly string[]
}

export interface Table {
  /** In HiBob's paths. */
  readonly path: 'salaries' | 'employment' | 'work'
  /** In sentences. */
  readonly name: 'salary' | 'employment' | 'work'
  /** Of the effect. Stable. */
  readonly title: string
  /** By which HiBob grants permissions. */
  readonly category: string
  readonly columns: readonly Column[]
  /** From which day on the row counts. Without a mapping: the start date. */
  readonly dayTarget: string
  /** The create makes the row of the start date. */
  readonly firstByCreate: boolean
}

const column = (target: string, title: string, given: Partial<Column> = {}): Column => ({
  ...{ target, title, name: target.split('.').at(-1) ?? target, kind: 'text', required: false },
  ...given,
})
const item = (list: string, documented?: readonly string[]) => ({
  ...{ kind: 'item' as const, list },
  ...(documented !== undefined && { documented }),
})
const required = { required: true }

/** The description of a salary names period and base as required; HiBob refuses a row without a frequency, too. */
const salary: Table = {
  ...{ path: 'salaries', name: 'salary', title: 'Salary row in HiBob', category: 'Payroll' },
  columns: [
    column('payroll.salary.payment', 'base salary', { ...required, name: 'base', kind: 'amount' }),
    column('payroll.salary.payment.currency', 'currency of the salary', {
      ...{ ...required, name: 'base', kind: 'currency' },
    }),
    column('payroll.salary.payPeriod', 'salary pay period', {
      ...{ ...required, ...item('payPeriod', ['Annual', 'Hourly', 'Daily', 'Weekly', 'Monthly']) },
    }),
    column('payroll.salary.payFrequency', 'salary pay frequency', {
      ...required,
      ...item('payFrequency', [
        ...['Weekly', 'Monthly', 'Pro rata', 'Every two weeks', 'Twice a month', 'Every four weeks'],
      ]),
    }),
  ],
  dayTarget: 'payroll.salary.activeEffectiveDate',
  firstByCreate: false,
}

const employment: Table = {
  ...{ path: 'employment', name: 'employment', title: 'Employment row in HiBob', category: 'Employment' },
  columns: [
    column('payroll.employment.contract', 'employment contract', item('employmentstatus')),
    column('payroll.employment.type', 'employment type', item('payrollEmploymentType')),
    column('payroll.employment.standardWorkingPattern.workingPatternId', 'id of the working pattern', {
      ...{ name: 'standardWorkingPatternId', kind: 'number' },
    }),
  ],
  dayTarget: 'payroll.employment.activeEffectiveDate',
  firstByCreate: true,
}

const work: Table = {
  ...{ path: 'work', name: 'work', title: 'Work row in HiBob', category: 'Work' },
  columns: [],
  dayTarget: 'work.activeEffectiveDate',
  firstByCreate: true,
}

export const tables: readonly Table[] = [work, employment, salary]

/** `work.customColumns.column_1655`: only HiBob knows which there are. */
export function isWorkColumn(id: string): boolean {
  return /^work\.customColumns\.column_\d{1,20}$/.test(id)
}

/** As a target: HiBob names no such column among its fields. */
export function unlistedColumn(id: string): Target | undefined {
  if (!isWorkColumn(id)) return undefined
  const { target, title } = workColumn(id)
  return { ...optional, id: target, title, type: 'text', group: work.category, unlisted: true }
}

export function workColumn(target: string): Column {
  return column(target, 'column of the work table')
}

const targetTypes = {
  ...{ amount: 'money', currency: 'text', item: 'choice', number: 'number', text: 'text' },
} as const satisfies Readonly<Record<Column['kind'], Target['type']>>

const optional = { required: false, writable: true }

/** A row's fields and its day. None of them is required of a hire, and whose pay it is makes a salary personal. */
export const rowTargets: readonly Target[] = tables.flatMap(({ columns, category, dayTarget, name }) => [
  ...columns.map(({ target, title, kind }) => ({
    ...{ ...optional, id: target, title, type: targetTypes[kind], group: category },
    ...(name === 'salary' && { personal: true as const }),
  })),
  {
    ...optional,
    id: dayTarget,
    title: `first day of the ${name} row`,
    type: 'date' as const,
    group: category,
  },
])

/** No part of it goes with the create. */
export function isOfSalary(target: string): boolean {
  return target === salary.dayTarget || salary.columns.some((one) => one.target === target)
}

/** Sent as a number. */
export function isNumber(target: string): boolean {
  return tables.some(({ columns }) => columns.some((one) => one.target === target && one.kind === 'number'))
}
