/** `migrate` */
import { migrateDatabase } from '../app/store.ts'
import { pendingMigrations } from '../postgres/migrate.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import { withDatabase, withDatabaseToRead } from './with-store.ts'

export const migrate: Command = {
  name: 'migrate',
  summary: 'Bring the database up to this version',
  details: 'The service does so itself when it starts. Safe beside a running service, and safe to repeat.',
  options: [{ name: 'dry-run', description: 'Print the SQL instead of running it' }],
  examples: ['migrate', 'migrate --dry-run'],
  prints: 'data',
  database: 'makes',
  run: async (context) => {
    if (context.input.flag('dry-run')) return dryRun(context)
    const applied = await withDatabase(context, ({ pool }) =>
      migrateDatabase(context.config(), { pool, log: context.log }, (name) =>
        context.progress(`applying ${name}`),
      ),
    )
    const text = applied.length === 0 ? 'Nothing to do.' : applied.map((name) => `applied ${name}`).join('\n')
    return { data: { applied }, text }
  },
}

async function dryRun(context: CommandContext): Promise<CommandResult> {
  const pending = await withDatabaseToRead(context, ({ pool }) => pendingMigrations(pool))
  const sql = pending.map(({ name, sql }) => `-- ${name}\n${sql.trim()}`).join('\n\n')
  return {
    data: { pending: pending.map(({ name, sql }) => ({ name, sql })) },
    text: sql || 'Nothing to do.',
  }
}
