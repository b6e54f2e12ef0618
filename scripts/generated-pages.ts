/** The pages that nobody edits by hand: where they stand, and what renders them. */
import { cliPage } from '../src/cli/reference-page.ts'
import { configurationPage } from '../src/config/reference-page.ts'
import { hibobFieldsPage } from '../src/integrations/hibob/fields-page.ts'
import { sourcesPage } from '../src/mapping/reference-page.ts'
import { errorsPage } from './errors-page.ts'
import { logsPage } from './logs-page.ts'

export interface GeneratedPage {
  /** From the root of the repository. */
  readonly path: string
  readonly render: () => string
}

export const generatedPages: readonly GeneratedPage[] = [
  { path: 'docs/reference/configuration.md', render: configurationPage },
  { path: 'docs/reference/cli.md', render: cliPage },
  { path: 'docs/reference/errors.md', render: errorsPage },
  { path: 'docs/reference/logs-and-metrics.md', render: logsPage },
  { path: 'docs/reference/sources.md', render: sourcesPage },
  { path: 'docs/reference/hibob-fields.md', render: hibobFieldsPage },
]
