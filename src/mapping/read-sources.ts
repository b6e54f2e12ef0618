/** Every source of one hire, the customer's own fields included. */
import { type Hire, namedId, namedSources, type Source, sources } from './sources.ts'

export interface SourceValue extends Pick<Source, 'id' | 'title'> {
  /** Undefined: Pinpoint says nothing. */
  readonly value: string | undefined
}

export function readSources(hire: Hire): readonly SourceValue[] {
  const named = namedSources.flatMap(({ prefix, title, all }) =>
    Object.entries(all(hire) ?? {}).map(([name, value]) => ({ id: namedId(prefix, name), title, value })),
  )
  return [...sources.map(({ id, title, read }) => ({ id, title, value: read(hire) })), ...named]
}
