/** Matches the names of fields in refusals, which have many spellings: `work.title`, `/work/title`, `title`, `root.firstName`. */

/** The id with exactly this name, or else all ids that end like it. */
export function fieldsMeant(named: string, ids: readonly string[]): readonly string[] {
  const path = pathOf(named)
  const exact = ids.filter((id) => pathOf(id) === path)
  if (exact.length > 0) return exact
  return ids.filter((id) => isEndOf(path, pathOf(id)) || isEndOf(pathOf(id), path))
}

/** True for the login address only, not for personal or emergency e-mails. */
export function isLogin(named: string): boolean {
  return pathOf(named) === 'email'
}

/** Converts `$.work.title`, `#/work/title` and `work['title']` to `work.title`. */
export function plainPath(named: string): string {
  return named
    .replace(/\[['"]?([^\]'"]*)['"]?\]/g, '.$1')
    .replaceAll('/', '.')
    .replace(/^[$#.]+/, '')
}

/** All fields within a named category, such as `home` or `address`. */
export function fieldsBelow(named: string, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => pathOf(id).startsWith(`${pathOf(named)}.`))
}

/** Without `.id` of a manager, who is sent as an object, and without the index of an item: `work.reportsTo.id`, `about.hobbies.0`. */
function pathOf(id: string): string {
  return plainPath(id)
    .toLowerCase()
    .replace(/^(body\.)?(root\.)?/, '')
    .replace(/(\.(id|\d{1,3}))+$/, '')
    .replace(/\bsiteid$/, 'site')
    .replace(/^(work\.)?manager$/, 'work.reportsto')
}

/** `body.firstName` ends with `firstName`, but `lastName` does not end with `name`. */
const isEndOf = (end: string, path: string) => `.${path}`.endsWith(`.${end}`)
