// Every change of a run is written in one room, by one builder: nobody else inserts, updates or deletes runs and their timelines.
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

import { nodesOf, parse, readSources, type SourceText, textOf } from '../../scripts/source-text.ts'
import { finishedStates, runStates, startStates, transitions, unfinishedStates } from '../../src/runs/run.ts'
import { startSql } from '../../src/runs/store/start.ts'
import { transitionSql } from '../../src/runs/store/transition.ts'

const write =
  /\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate)\s+(?:only\s+)?(?:public\.)?"?(?:runs|run_history)\b/i
/** Of a table that only a value tells. */
const anyWrite =
  /(?<!\bfor(?: no key)?\s)\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?\{/i
/** Seals columns again that it lists; runs have none. */
const ofListedTables = 'src/privacy/store/sealed-data.ts'

function isText(node: ts.Node): node is ts.Expression {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
  )
}

function writesOf(source: SourceText): readonly string[] {
  return nodesOf(parse(source))
    .filter(isText)
    .map(textOf)
    .filter((text) => write.test(text) || (source.path !== ofListedTables && anyWrite.test(text)))
    .map((text) => `${source.path}: ${text.trim().slice(0, 60)}`)
}

describe('Runs and their timelines', () => {
  it('are written in src/runs/store/ alone', () => {
    const elsewhere = readSources().filter(({ path }) => !path.startsWith('src/runs/store/'))
    expect(elsewhere.flatMap(writesOf)).toEqual([])
  })

  it('are changed in their state by the builder alone', () => {
    const stateSet = /\bupdate\s+runs\s+set\s+(?!held\b)/i
    const inserted = /\binsert\s+into\s+(runs|run_history)\b/i
    const writers = readSources().filter((source) =>
      nodesOf(parse(source))
        .filter(isText)
        .some((node) => stateSet.test(textOf(node)) || inserted.test(textOf(node))),
    )
    expect(writers.map(({ path }) => path)).toEqual([
      'src/runs/store/start.ts',
      'src/runs/store/transition.ts',
    ])
  })

  it.each([
    'const a = `update runs set code = null`',
    "const a = 'insert into run_history (run_id) values ($1)'",
    'const a = `with x as (\n  delete from\n  only runs where id = $1 returning id)`',
    'const a = (id: string) => `select ${id}; UPDATE "runs" set turn = ${id}`',
    "const a = 'update ' + 'runs set turn = 1'",
    "const table = 'runs'\nconst a = `update ${table} set turn = 1`",
    'const a = (table: string) => `insert into ${table} values ($1)`',
  ])('would not be written elsewhere unseen: %s', (text) => {
    expect(writesOf({ path: 'src/planted.ts', text })).not.toEqual([])
  })

  it('may be read anywhere, and other tables be written', () => {
    const text =
      'const a = (wait: string) => `select from runs for update ${wait}`; const b = `update runs_of_a_kind set a = 1`'
    expect(writesOf({ path: 'src/planted.ts', text })).toEqual([])
  })
})

describe('The table of transitions', () => {
  it('has each state, and an end: what was refused or cancelled stays so', () => {
    expect(Object.keys(transitions).sort()).toEqual([...runStates].sort())
    expect([...unfinishedStates, ...finishedStates].sort()).toEqual([...runStates].sort())
    expect([transitions.refused, transitions.cancelled]).toEqual([[], []])
    for (const state of startStates) expect(unfinishedStates).toContain(state)
  })

  it('is the guard of each update, and refuses what it does not have', () => {
    const cancel = { to: 'cancelled', where: 'runs.id = $1', line: {} } as const
    expect(transitionSql('ended', cancel)).toContain(
      `where runs.state in ('queued', 'running', 'waiting', 'parked') and runs.id = $1`,
    )
    expect(transitionSql('ended', { ...cancel, from: ['parked'] })).toContain(`runs.state in ('parked')`)
    expect(() => transitionSql('ended', { ...cancel, from: ['parked', 'done'] })).toThrow(
      'a run that is done does not become cancelled',
    )
  })

  it('ends a run where its state is an end, and takes it from whoever had it', () => {
    const sql = transitionSql('ended', { to: 'cancelled', where: 'true', line: {} })
    expect(sql).toContain('finished_at = now()')
    expect(sql).toContain('lease = null')
    expect(sql).toContain('insert into run_history')
    expect(transitionSql('again', { to: 'queued', where: 'true', line: 'none' })).not.toContain('run_history')
  })

  it('names runs in one place', () => {
    const named = readSources().filter(({ text }) => /'run_' \|\|/.test(text))
    expect(named.map(({ path }) => path)).toEqual(['src/runs/store/start.ts'])
    expect(startSql('started', { of: 'wanted', line: {} })).toContain('on conflict do nothing')
  })
})
