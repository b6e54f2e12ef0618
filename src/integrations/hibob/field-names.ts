/** Fields as HiBob names them when it refuses one: `work.title`, `/work/title`, `title`, `root.firstName` and `firstName`. */

/** Of several that end in the same word, the one that is named as a whole; else all that end so. */
export function fieldsMeant(named: string, ids: readonly string[]): readonly string[] {
  const path = pathOf(named)
  const exact = ids.filter((id) => pathOf(id) === path)
  if (exact.length > 0) return exact
  return ids.filter((id) => isEndOf(path, pathOf(id)) || isEndOf(pathOf(id), path))
}

/** The address that somebody logs in with, and not any other one. */
export function isLogin(named: string): boolean {
  return pathOf(named) === 'email'
}

/** `$.work.title`, `#/work/title` and `work['title']` as `work.title`. */
export function plainPath(named: string): string {
  return named
    .replace(/\[['"]?([^\]'"]*)['"]?\]/g, '.$1')
    .replaceAll('/', '.')
    .replace(/^[$#.]+/, '')
}

/** All that stands in what is named, such as `home` or `address`. */
export function fieldsBelow(named: string, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => pathOf(id).startsWith(`${pathOf(named)}.`))
}

/** A manager is sent as an object with an id, and of several items one may be named: `work.reportsTo.id`, `about.hobbies.0`. */
function pathOf(id: string): string {
  return plainPath(id)
    .toLowerCase()
    .replace(/^(body\.)?(root\.)?/, '')
    .replace(/(\.(id|\d{1,3}))+$/, '')
    .replace(/\bsiteid$/, 'site')
    .replace(/^(work\.)?manager$/, 'work.reportsto')
}

/** Within something of its own, such as `body.firstName`, or without what it stands in. */
const isEndOf = (end: string, path: string) => `.${path}`.endsWith(`.${end}`)
