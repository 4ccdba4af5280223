import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { observersForTests } from '@micropay/local/observe/find-observers'
import { repositoryRoot } from '@micropay/local/running'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { prometheusRule } from './prometheus-rule.ts'
import { alertNames } from './rule-files.fixture.ts'

const path = join(repositoryRoot, 'deploy', 'kubernetes', 'components', 'metrics', 'rules.yaml')
const Made = z.object({
  spec: z.object({
    groups: z.array(z.looseObject({ rules: z.array(z.looseObject({ alert: z.string().optional() })) })),
  }),
})

test('the operator of Prometheus is given all rules, as they stand in rules/; UPDATE_DOCS=1 writes them anew', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(path, prometheusRule())
  const text = readFileSync(path, 'utf8')
  assert.equal(text, prometheusRule())
  const { spec } = Made.parse(parse(text))
  const alerts = spec.groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []))
  assert.deepEqual([...new Set(alerts)].sort(), alertNames)
  assert.ok(!text.includes('$externalLabels'), 'whose Prometheus it is sets no such label')
  const directory = mkdtempSync(join(tmpdir(), 'micropay-rule-'))
  try {
    writeFileSync(join(directory, 'rules.yml'), stringify(spec))
    const args = ['check', 'rules', join(directory, 'rules.yml')]
    const { status, stderr } = spawnSync(observersForTests().promtool, args, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
