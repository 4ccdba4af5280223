import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { parse } from 'yaml'
import { z } from 'zod'

export const folder = join(repositoryRoot, 'deploy', 'prometheus')
export const runbooks = join(repositoryRoot, 'docs', 'runbooks')

const Labels = z.record(z.string(), z.string()).default({})
const Rule = z.object({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  labels: Labels,
  annotations: z.record(z.string(), z.string()).default({}),
})
export type Rule = z.infer<typeof Rule>
const RuleFile = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(Rule) })) })
const Expected = z.object({ exp_samples: z.array(z.object({ labels: z.string() })) })
const TestFile = z.object({ tests: z.array(z.object({ name: z.string(), promql_expr_test: z.array(Expected) })) })

export function filesIn(name: string): readonly string[] {
  return readdirSync(join(folder, name))
    .filter((file) => file.endsWith('.yml'))
    .sort()
    .map((file) => join(name, file))
}

export function read(path: string): unknown {
  return parse(readFileSync(join(folder, path), 'utf8'), { merge: true })
}

export function rulesIn(path: string): readonly Rule[] {
  return RuleFile.parse(read(path)).groups.flatMap(({ rules }) => rules)
}

export type AlertRule = Rule & { readonly alert: string }

export const allRules: readonly Rule[] = filesIn('rules').flatMap(rulesIn)
export const alerts: readonly AlertRule[] = allRules.flatMap((rule) =>
  rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }],
)
export const alertNames: readonly string[] = [...new Set(alerts.map(({ alert }) => alert))].sort()

/** The tests of promtool: what each shows (`A fires, by 6; B fires`), and the labels of each alert that it expects. */
export const ruleTests = filesIn('tests')
  .flatMap((path) => TestFile.parse(read(path)).tests)
  .map(({ name, promql_expr_test: asked }) => ({
    shows: name.split('; ').map((each) => each.replace(/,.*/, '')),
    expected: asked.flatMap(({ exp_samples: samples }) => samples.map(({ labels }) => labels)),
  }))

/** `ProjectionStopped` is told of in `projection-stopped.md`. */
export function pageOf(alert: string): string {
  return `${alert.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.md`
}
