/** Every source of one hire, the customer's own fields included. */
import { type Hire, namedId, namedSources, type Source, sources } from './sources.ts'

export interface SourceValue extends Pick<Source, 'id' | 'title' | 'organisational'> {
  /** Undefined: Pinpoint says nothing. */
  readonly value: string | undefined
}

export function readSources(hire: Hire): readonly SourceValue[] {
  const usual = sources.map(({ id, title, organisational, read }) => ({
    ...{ id, title, organisational },
    value: read(hire),
  }))
  const named = namedSources.flatMap(({ prefix, title, organisational, all }) =>
    Object.entries(all(hire) ?? {}).map(([name, value]) => ({
      ...{ id: namedId(prefix, name), title, organisational },
      value,
    })),
  )
  return [...usual, ...named]
}
