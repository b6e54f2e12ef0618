/** Fields as HiBob names them when it refuses one: `work.title`, `/work/title`, `title`, `root.firstName` and `firstName`. */

/** Of several that end in the same word, the one that is named as a whole; else all that end so. */
export function fieldsMeant(named: string, ids: readonly string[]): readonly string[] {
  const path = pathOf(named)
  const exact = ids.filter((id) => pathOf(id) === path)
  if (exact.length > 0) return exact
  return ids.filter((id) => isEndOf(path, pathOf(id)) || isEndOf(pathOf(id), path))
}

/** A manager is sent as an object with an id: `work.reportsTo.id` is `work.reportsTo`. */
function pathOf(id: string): string {
  return id
    .toLowerCase()
    .replaceAll('/', '.')
    .replace(/^\.?(root\.)?/, '')
    .replace(/\.id$/, '')
}

/** Within something of its own, such as `body.firstName`, or without what it stands in. */
const isEndOf = (end: string, path: string) => `.${path}`.endsWith(`.${end}`)
