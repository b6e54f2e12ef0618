/** What stands in the way of a release under this tag. */
export interface Release {
  /** Such as `v0.1.0`. */
  readonly tag: string
  readonly version: string
  readonly changelog: string
  readonly upgradeNotes: string
}

export function releaseProblems({ tag, version, changelog, upgradeNotes }: Release): readonly string[] {
  const notes = sectionOf(changelog, version)
  return [
    ...(tag === `v${version}`
      ? []
      : [`The tag is ${tag} and package.json says ${version}: tag v${version}, or change the version.`]),
    ...(notes === undefined || notes === ''
      ? [`CHANGELOG.md says nothing under "## ${version}": move what stands under Unreleased there.`]
      : []),
    ...(sectionOf(changelog, 'Unreleased') === ''
      ? []
      : ['CHANGELOG.md needs an empty "## Unreleased": all that is in the release belongs to its version.']),
    ...(sectionOf(upgradeNotes, `To ${version}`) === undefined
      ? [
          `docs/operate/upgrade.md has no "## To ${version}": say what an operator must do, or that it is nothing.`,
        ]
      : []),
  ]
}

/** The text below the heading of the second level that begins with this title; undefined when there is none. */
function sectionOf(page: string, title: string): string | undefined {
  const section = page.split(/^## /m).find((text) => text === title || /^[ \n]/.test(rest(text, title)))
  return section?.slice(section.indexOf('\n') + 1).trim()
}

function rest(text: string, title: string): string {
  return text.startsWith(title) ? text.slice(title.length) : ''
}
