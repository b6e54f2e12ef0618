/** A field of a destination that a mapping can fill, as the destination describes it. */

export interface Target {
  readonly id: string
  readonly title: string
  /** The heading under which the destination shows it. */
  readonly group: string
  readonly type: 'text' | 'date' | 'number' | 'boolean' | 'choice' | 'person' | 'address_part' | 'money'
  readonly required: boolean
  readonly writable: boolean
  /** Its value is about the person wherever it comes from, such as pay: it stands in no reason. */
  readonly personal?: true
  /** The destination has it without naming it among its fields. */
  readonly unlisted?: true
  readonly maxLength?: number
  /** Whether it holds several choices at once. */
  readonly multiple?: true
  /** Undefined: the destination does not show them. */
  readonly choices?: readonly Choice[]
}

export interface Choice {
  readonly id: string | undefined
  readonly name: string
  readonly archived: boolean
  readonly children: readonly Choice[]
}
